"""What a package of a study holds, file by file; `study.domain.exports` is the life of one."""
