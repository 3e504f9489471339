from django.urls import path

from recognition.counting.views import by_code, count, find, review

app_name = "counting"
_STOCKTAKE = "<str:code>/counts/<int:pk>/"
urlpatterns = [
    path("<str:code>/find/", find.find, name="find"),
    path("<str:code>/seen/<str:token>/", find.found, name="found"),
    path("<str:code>/seen/<str:token>/choose/", find.choose, name="choose"),
    path("<str:code>/counts/new/", count.start, name="start"),
    path(_STOCKTAKE, count.count, name="count"),
    path(f"{_STOCKTAKE}lines/", count.lines, name="lines"),
    path(f"{_STOCKTAKE}lines/<int:line>/drop/", count.drop, name="drop"),
    path(f"{_STOCKTAKE}photo/", count.photo, name="photo"),
    path(f"{_STOCKTAKE}seen/<str:token>/", count.seen, name="seen"),
    path(f"{_STOCKTAKE}seen/<str:token>/none/", count.none_of_these, name="none"),
    path(f"{_STOCKTAKE}products/<str:sku>/", count.enter, name="enter"),
    path(f"{_STOCKTAKE}by-code/", by_code.by_code, name="by-code"),
    path(f"{_STOCKTAKE}review/", review.review, name="review"),
    path(f"{_STOCKTAKE}approve/", review.approve, name="approve"),
    path(f"{_STOCKTAKE}cancel/", review.cancel, name="cancel"),
    path(f"{_STOCKTAKE}report/", review.report, name="report"),
]
