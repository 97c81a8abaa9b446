"""The demonstration's browser sends what a real one would: hidden fields, unchanged values."""

from blueprint.demo.browser import Page

HTML = """<html><head><title>no</title></head><body><h1>Register</h1>
<form method="post" action="/portal/logout"><input type="hidden" name="csrf" value="c1"></form>
<form method="post" action="/portal/register">
<input type="hidden" name="csrf" value="c2"><input name="name" value="Anna">
<input type="checkbox" name="accept" value="yes"><textarea name="key">
line</textarea><button type="submit">Go</button></form></body></html>"""


def page() -> Page:
    return Page("http://127.0.0.1:1/portal/register", 200, HTML)


def test_form_is_found_by_where_it_posts_with_the_values_it_came_with():
    form = page().form("/portal/register")

    assert form.method == "post"
    assert form.fields == {"csrf": "c2", "name": "Anna", "accept": "", "key": "line"}


def test_text_is_what_a_person_reads():
    assert page().text == "Register line Go"
