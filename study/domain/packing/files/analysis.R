# The headline numbers again from the tables, in base R: Rscript analysis.R in the folder of the package.

table_of <- function(pattern) {
  read.csv(Sys.glob(file.path("data", pattern)), fileEncoding = "UTF-8", na.strings = "",
           colClasses = c(chosen_class = "character", truth_class = "character", condition = "character"))
}

answers <- table_of("study-*_task-*afc_data.csv")
sessions <- read.csv(Sys.glob(file.path("data", "study-*_description-counted_data.csv")), na.strings = "")
answers <- answers[answers$session_id %in% sessions$session_id[sessions$counted == 1], ]

fleiss_kappa <- function(rows) {
  counts <- table(rows$task_id, rows$chosen_class)
  n <- rowSums(counts)
  if (length(unique(n)) > 1 || n[1] < 2 || ncol(counts) < 2) return(NA)
  agreement <- mean((rowSums(counts^2) - n) / (n * (n - 1)))
  by_chance <- sum((colSums(counts) / sum(counts))^2)
  (agreement - by_chance) / (1 - by_chance)
}

# 95 % over new volunteers and new trials: both are drawn with replacement. R draws other numbers than
# summary.json, so the ends differ a little.
crossed_bootstrap <- function(rows, draws = 1000) {
  right <- tapply(rows$correct, list(rows$session_id, rows$task_id), sum)
  if (min(dim(right)) < 2) return(c(NA, NA))
  means <- replicate(draws, {
    drawn <- right[sample(nrow(right), replace = TRUE), sample(ncol(right), replace = TRUE)]
    mean(rowMeans(drawn, na.rm = TRUE), na.rm = TRUE)
  })
  quantile(means, c(.025, .975))
}

set.seed(1)
answers$condition[is.na(answers$condition)] <- ""
for (condition in unique(answers$condition)) {
  rows <- answers[answers$condition == condition, ]
  accuracies <- tapply(rows$correct, rows$session_id, mean)
  n <- length(accuracies)
  if (condition != "") cat(condition, "\n")
  cat("volunteers ", n, "\n", sep = "")
  cat("accuracy   ", format(mean(accuracies), digits = 15), "\n", sep = "")
  cat("interval   ", format(crossed_bootstrap(rows), digits = 4), "\n")
  cat("sigma      ", format(sqrt(mean((accuracies - mean(accuracies))^2)), digits = 15), "\n", sep = "")
  cat("sigma n-1  ", format(if (n > 1) sd(accuracies) else NA, digits = 15), "\n", sep = "")
  cat("kappa      ", format(fleiss_kappa(rows), digits = 15), "\n", sep = "")
}

# With lme4: people and items as random effects, tested against guessing.
# summary(lme4::glmer(correct ~ 1 + (1 | session_id) + (1 | task_id), answers, binomial))
