"""Texts of packages that come without a catalogue of their own, or with one that lacks them.

Nothing here runs: xgettext finds the texts, so that they are translated in `locale/` like ours. What
a package shows on no page of this site is left out.
"""

from django.utils.translation import gettext_noop, ngettext_lazy

UNFOLD = (
    gettext_noop("Select record"),
    gettext_noop("Select action"),
    gettext_noop("Select action to run"),
    gettext_noop("Select format"),
    gettext_noop("Select value"),
    gettext_noop("Select all rows"),
    gettext_noop("Expand row"),
    gettext_noop("Date"),
    gettext_noop("Date from"),
    gettext_noop("Date to"),
    gettext_noop("Add row"),
    gettext_noop("Type to search"),
    gettext_noop("Run"),
    gettext_noop("Welcome back to"),
    gettext_noop("Forgotten your password or username?"),
    gettext_noop("After you've created a user, you’ll be able to edit more user options."),
    gettext_noop("You have been successfully logged out from the administration"),
    gettext_noop(
        "Raw passwords are not stored, so there is no way to see this user’s password, but you can"
        ' change the password using <a href="{}" class="text-primary-600'
        ' dark:text-primary-500">this form</a>.'
    ),
    gettext_noop("No results matching your query"),
    gettext_noop("Loading more results..."),
    gettext_noop("Image preview"),
    gettext_noop("Click to download"),
    gettext_noop("Light"),
    gettext_noop("Dark"),
    gettext_noop("Return to site"),
    gettext_noop("True"),
    gettext_noop("False"),
    gettext_noop("No results found"),
    gettext_noop("This page yielded into no results. Create a new item or reset your filters."),
    gettext_noop("Reset filters"),
    gettext_noop("Search apps and models..."),
    gettext_noop("All applications"),
    gettext_noop("General"),
    gettext_noop("Apply Filters"),
    gettext_noop("More actions"),
    gettext_noop("Go back"),
    gettext_noop("Recent searches"),
    gettext_noop("No recent searches"),
    gettext_noop("Record picture"),
    gettext_noop("This item will be deleted."),
    gettext_noop("Click to cancel"),
    gettext_noop("No data"),
    gettext_noop("Not enough data."),
    gettext_noop("Choose file to upload"),
    gettext_noop("Toggle password visibility"),
    ngettext_lazy(
        "\n                Found %(counter)s result in %(time)s seconds\n            ",
        "\n                Found %(counter)s results in %(time)s seconds\n            ",
        "counter",
    ),
)
TREEBEARD = (
    gettext_noop("Can't move node to itself."),
    gettext_noop("Can't move node to a descendant."),
    gettext_noop("Invalid form data provided"),
    gettext_noop("You do not have permission to change this object."),
    gettext_noop('Moved node "%(node)s" as child of "%(other)s"'),
    gettext_noop('Moved node "%(node)s" as sibling of "%(other)s"'),
)
IMPORT_EXPORT = (gettext_noop("Select all"),)
REST_FRAMEWORK = (
    gettext_noop("Ensure this field has no more than {max_length} elements."),
    gettext_noop("Ensure this field has at least {min_length} elements."),
    gettext_noop("Surrogate characters are not allowed: U+{code_point:X}."),
    gettext_noop("Invalid input."),
    gettext_noop("Expected available in {wait} second."),
    gettext_noop("Expected available in {wait} seconds."),
    gettext_noop("Must be a valid boolean."),
    gettext_noop("Not a valid string."),
    gettext_noop("Must be a valid UUID."),
    gettext_noop('Invalid datetime for the timezone "{timezone}".'),
    gettext_noop("Datetime value out of range."),
    gettext_noop("This dictionary may not be empty."),
)
# Django has these in Russian, but not as people write them.
DJANGO = (
    gettext_noop("Mon"),
    gettext_noop("Tue"),
    gettext_noop("Wed"),
    gettext_noop("Thu"),
    gettext_noop("Fri"),
    gettext_noop("Sat"),
    gettext_noop("Sun"),
)
DJANGO_FILTER = (gettext_noop("Select a lookup."),)
