import gettext
import subprocess
import sys
from textwrap import dedent

import pytest
from django.core.management import CommandError, call_command

from shopops.ops import messages
from shopops.ops.messages import Found, Key


def found_in_python(source):
    found = Found()
    messages.find_in_python(dedent(source), "x.py", found)
    return found


def found_in_template(source):
    found = Found()
    messages.find_in_template(source, "x.html", found)
    return found


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project of one app with two strings, translated by nobody yet."""
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "apps.py").write_text("")
    (tmp_path / "shop" / "forms.py").write_text(
        dedent("""
            from django.utils.translation import gettext_lazy as _, ngettext
            title = _("Orders of %(day)s")
            count = ngettext("%(count)s order", "%(count)s orders", 2)
        """)
    )
    real = {name: getattr(messages, name) for name in ("find_messages", "load", "save", "compile_catalogues")}
    monkeypatch.setattr(messages, "find_messages", lambda: real["find_messages"](tmp_path))
    monkeypatch.setattr(messages, "load", lambda: real["load"](tmp_path))
    monkeypatch.setattr(messages, "save", lambda catalogue: real["save"](catalogue, tmp_path))
    monkeypatch.setattr(messages, "compile_catalogues", lambda: real["compile_catalogues"](tmp_path))
    return tmp_path


def test_python_strings_are_found_under_any_name_of_the_function():
    found = found_in_python(
        """
        from django.utils import translation
        from django.utils.translation import gettext_lazy as _, ngettext as many, pgettext
        _("one")
        _("joined " "by the compiler, " + "or by hand")
        many("%(n)s line", "%(n)s lines", 3)
        pgettext("month", "May")
        translation.gettext("two")
        for _unused, __ in []: pass
        """
    )

    assert found.plurals == {
        Key("one"): "",
        Key("joined by the compiler, or by hand"): "",
        Key("%(n)s line"): "%(n)s lines",
        Key("May", "month"): "",
        Key("two"): "",
    }
    assert found.problems == []
    assert found.places[Key("one")] == ["x.py:4"]


def test_other_functions_of_that_name_are_left_alone():
    assert (
        found_in_python("""
        def _(text): return text
        _("not ours")
        other.gettext("nor this")
    """).plurals
        == {}
    )


def test_a_stored_message_is_looked_up_and_marked_elsewhere():
    found = found_in_python("""
        from django.utils.translation import gettext, gettext_noop
        ROLES = [gettext_noop("Owner")]
        def __str__(self): return gettext(self.name)
    """)

    assert found.plurals == {Key("Owner"): ""}
    assert found.problems == []


@pytest.mark.parametrize("argument", ['f"{name} orders"', '"a".upper()', '"%s" % name', "*names", ""])
def test_a_string_made_at_run_time_is_a_problem(argument):
    found = found_in_python(f"from django.utils.translation import gettext\ngettext({argument})")

    assert found.plurals == {}
    assert found.problems == ["x.py:2: the string is no literal, so it cannot be translated."]


def test_template_strings_are_found_as_django_looks_them_up():
    found = found_in_template(
        """
        {% translate "Orders" %} {% trans 'May' context "month" %} {{ value|default:_("none yet") }}
        {% include "x.html" with label=_("50% off") title="raw" only %} {% translate "100% sure" as text %}
        {% blocktranslate trimmed count n=rows %}
            {{ n }} row
        {% plural %}
            {{ n }} rows
        {% endblocktranslate %}
        {% blocktranslate %}It's "{{ name }}" & 5%{% endblocktranslate %}
        {# {% translate "commented out" %} #} {% comment %}{% translate "too" %}{% endcomment %}
        """
    )

    assert found.plurals == {
        Key("Orders"): "",
        Key("May", "month"): "",
        Key("none yet"): "",
        Key("50%% off"): "",
        Key("100%% sure"): "",
        Key("%(n)s row"): "%(n)s rows",
        Key('It\'s "%(name)s" & 5%%'): "",
    }


def test_two_plurals_of_one_message_are_a_problem():
    found = found_in_python("""
        from django.utils.translation import ngettext
        ngettext("row", "rows", 1)
        ngettext("row", "row", 1)
    """)

    assert found.problems == ["x.py:4: row has another plural elsewhere."]


def test_tables_are_read_with_escapes_plurals_and_contexts(tmp_path):
    (tmp_path / "a.tsv").write_text(
        "Orders\t订单\nrow\trows\t行\nmonth\\cMay\t五月\ntwo\\nlines\t两\\n行\nOrders\t订单们\n\n", encoding="utf-8"
    )
    (tmp_path / "b.tsv").write_text("Orders\t单子\nalone\nempty\t\n", encoding="utf-8")

    tables = messages.read_tables(tmp_path)

    assert tables.texts == {
        Key("Orders"): "订单们",  # the later line; the first table
        Key("row"): "行",
        Key("May", "month"): "五月",
        Key("two\nlines"): "两\n行",
    }
    assert tables.problems == [
        "b.tsv:2: expected two or three cells, none of them empty.",
        "b.tsv:3: expected two or three cells, none of them empty.",
        "b.tsv: Orders is '单子', in an earlier table '订单们'.",
    ]


@pytest.mark.parametrize("text", ["plain", "a\\b", "a\nb\tc\r", "\\n", "day\x04Mon"])
def test_escapes_come_back(text):
    assert messages.unescaped(messages.escaped(text)) == text
    assert "\n" not in messages.escaped(text)


def test_the_command_merges_checks_and_compiles(project, tmp_path, capsys):
    tables = tmp_path / "tables"
    tables.mkdir()
    (tables / "x.tsv").write_text("Orders of %(day)s\t%(day)s 的订单\nnot used\t没有用\n", encoding="utf-8")

    call_command("messages", "--from", str(tables))
    with pytest.raises(CommandError):
        call_command("messages", "--check")

    assert "missing: %(count)s order  (shop/forms.py:4)" in capsys.readouterr().out
    (tables / "x.tsv").write_text("%(count)s order\t%(count)s orders\t%(count)s 个订单\n", encoding="utf-8")
    call_command("messages", "--from", str(tables), "--compile")
    call_command("messages", "--check")
    assert "2 strings, 0 faults" in capsys.readouterr().out
    compiled = project / messages.CATALOGUE.with_suffix(".mo")
    chinese = gettext.GNUTranslations(compiled.open("rb"))
    assert chinese.gettext("Orders of %(day)s") == "%(day)s 的订单"
    assert chinese.ngettext("%(count)s order", "%(count)s orders", 1) == "%(count)s 个订单"


def test_the_catalogue_does_not_change_when_nothing_changed(project):
    call_command("messages")
    first = (project / messages.CATALOGUE).read_text(encoding="utf-8")

    call_command("messages")

    assert (project / messages.CATALOGUE).read_text(encoding="utf-8") == first
    assert "forms.py" not in first
    assert "Date" not in first


def test_a_table_wins_over_the_catalogue_only_when_told(project, tmp_path):
    tables = tmp_path / "tables"
    tables.mkdir()
    key = Key("Orders of %(day)s")
    for text in ("%(day)s 旧", "%(day)s 新"):
        (tables / "x.tsv").write_text(f"{key.msgid}\t{text}\n", encoding="utf-8")
        call_command("messages", "--from", str(tables))

    kept = messages.texts_of(messages.load())[key]
    call_command("messages", "--from", str(tables), "--replace")

    assert kept == "%(day)s 旧"
    assert messages.texts_of(messages.load())[key] == "%(day)s 新"


@pytest.mark.parametrize(
    ("msgid", "plural", "text", "faults"),
    [
        ("%(a)s of %(b)s", "", "%(b)s 的 %(a)s", []),
        ("%(a)s of %(b)s", "", "%(a)s", ["other placeholders in the translation"]),
        ("%(a)s", "", "%(c)s", ["other placeholders in the translation"]),
        ("one row", "%(n)s rows", "%(n)s 行", []),
        ("100%% of %(a)s", "", "%(a)s 的 100%%", []),
        ("100% sure", "", "当然", []),
        ("%s rows", "", "%s 行", ["placeholder without a name"]),
        ("{a}", "", "无", ["other placeholders in the translation"]),
    ],
)
def test_placeholders_are_named_and_the_same_in_both(msgid, plural, text, faults):
    catalogue = messages.merged(Found(plurals={Key(msgid): plural}), {Key(msgid): text})

    assert list(messages.placeholder_faults(catalogue[0], text)) == faults


def test_fuzzy_and_unused_entries_are_told(project):
    call_command("messages")
    catalogue = messages.load()
    catalogue[0].flags.append("fuzzy")
    catalogue.append(messages.polib.POEntry(msgid="gone", msgstr="没了"))

    told = list(messages.faults(messages.find_messages(), catalogue))

    assert "fuzzy: %(count)s order" in told
    assert "unused: gone" in told


def test_compiling_needs_no_settings_and_repeats_nothing(tmp_path):
    catalogue = tmp_path / messages.CATALOGUE
    catalogue.parent.mkdir(parents=True)
    catalogue.write_text('msgid ""\nmsgstr ""\n\nmsgid "Orders"\nmsgstr "订单"\n', encoding="utf-8")

    first, second = messages.compile_catalogues(tmp_path), messages.compile_catalogues(tmp_path)
    refused = subprocess.run(
        [sys.executable, "-B", "-m", "shopops.ops.messages"],
        cwd=messages.ROOT,
        env={},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (first, second) == ([catalogue.with_suffix(".mo")], [])
    assert refused.returncode == 1
    assert "usage" in refused.stderr
