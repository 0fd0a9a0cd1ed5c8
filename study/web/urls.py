"""Addresses of the pages."""

from django.urls import include, path

from study.web import figures, options, people, plans, public, researcher, results, volunteer

volunteer_pages = [
    path("", volunteer.welcome, name="volunteer_welcome"),
    path("consent/", volunteer.consent, name="volunteer_consent"),
    path("sound/", volunteer.sound, name="volunteer_sound"),
    path("examples/", volunteer.examples, name="volunteer_examples"),
    path("trials/<int:number>/", volunteer.trial, name="volunteer_trial"),
    path("finish/", volunteer.finish, name="volunteer_finish"),
    path("thanks/", volunteer.thanks, name="volunteer_thanks"),
]

study_pages = [
    path("", researcher.overview, name="study"),
    path("edit/", researcher.edit, name="study_edit"),
    path("build/", researcher.build, name="study_build"),
    path("build/cancel/", researcher.cancel_build, name="study_build_cancel"),
    path("preview/", researcher.preview, name="study_preview"),
    path("plan.json", plans.plan, name="study_plan"),
    path("latents.npz", plans.latents, name="study_latents"),
    path("publish/", researcher.publish, name="study_publish"),
    path("pause/", researcher.pause, name="study_pause"),
    path("resume/", researcher.resume, name="study_resume"),
    path("close/", researcher.close, name="study_close"),
    path("version/", researcher.new_version, name="study_version"),
    path("delete/", researcher.delete, name="study_delete"),
    path("people/", people.add, name="study_people"),
    path("people/<int:person_pk>/remove/", people.remove, name="study_people_remove"),
    path("results/", results.overview, name="study_results"),
    path("results/figure2.<str:suffix>", figures.figure, name="study_figure"),
    path("results/answers-long.csv", results.long_csv, name="study_long_csv"),
    path("results/answers-wide.csv", results.wide_csv, name="study_wide_csv"),
    path("results/summary.json", results.summary_json, name="study_summary_json"),
    *options.pages(),
]

urlpatterns = [
    path("", public.home, name="home"),
    path("account/", public.account, name="account"),
    path("s/<slug:code>/", include(volunteer_pages)),
    path("studies/", researcher.listing, name="study_list"),
    path("studies/new/", researcher.create, name="study_new"),
    path("studies/<int:pk>/", include(study_pages)),
]
