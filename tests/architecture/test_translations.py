"""Every string a person sees has a translation, and one that fits."""

import ast
import re
from html.parser import HTMLParser

import pytest

from shopops.ops import messages
from shopops.ops.messages import python_files, template_files
from tests.architecture.guards import name, read

# Words staff say in Latin letters in Chinese too; everything else is translated.
WORDS = """
ShopOps AD DKIM SPF SKU SPU GMV AOV UPT ROI LMDI CSV XLSX XLS TSV JSON API URL ID UTF GB18030 GBK PDF EAN VIP SEO SMS EDM
Shopify WooCommerce Excel Celery PostgreSQL Redis DOT POST Ctrl Esc Enter Tab
"""
LATIN = frozenset(WORDS.split())


@pytest.fixture(scope="module")
def catalogue():
    return messages.load()


def test_source_and_catalogue_are_one(catalogue):
    """Untranslated, unused, fuzzy, other placeholders, placeholders without a name: ``manage.py messages``."""
    assert list(messages.faults(messages.find_messages(), catalogue)) == []


def test_the_catalogue_is_written_as_the_command_writes_it(catalogue):
    rewritten = messages.merged(messages.find_messages(), messages.texts_of(catalogue))

    assert str(rewritten) == (messages.ROOT / messages.CATALOGUE).read_text(encoding="utf-8")


def latin_words(text):
    plain = re.sub(r"%\(\w+\)[-#0+.\d]*[a-z]|\{\w+\}|<[^>]*>|&\w+;|https?://\S+|\S+@\S+", " ", text)
    return [word for word in re.findall(r"[A-Za-z][A-Za-z0-9_]+", plain) if word not in LATIN]


def test_chinese_is_chinese(catalogue):
    latin = {key.msgid: words for key, text in messages.texts_of(catalogue).items() if (words := latin_words(text))}

    assert latin == {}


def half_width(text):
    """Find commas, colons, brackets … of Western writing beside a Chinese character."""
    return re.findall(r"[\u4e00-\u9fff][,;:!?()]|[,;!?()][\u4e00-\u9fff]", text)


def test_chinese_has_chinese_punctuation_and_does_not_shout(catalogue):
    western = {key.msgid: found for key, text in messages.texts_of(catalogue).items() if (found := half_width(text))}
    shouting = [
        key.msgid for key, text in messages.texts_of(catalogue).items() if re.search(r"[!！]", text + key.msgid)
    ]

    assert western == {}
    assert shouting == []


def test_edges_of_a_translation_are_those_of_its_message(catalogue):
    """A blank or line break at an end is there to join things, or a slip in one of the two."""

    def edges(text):
        return text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]

    assert [key.msgid for key, text in messages.texts_of(catalogue).items() if edges(key.msgid) != edges(text)] == []


class Words(HTMLParser):
    """Collects the words a template shows by itself, outside of every Django tag."""

    SHOWN = frozenset({"title", "alt", "placeholder", "aria-label", "aria-description", "content"})

    def __init__(self):
        super().__init__()
        self.found = []
        self.silent = 0

    def handle_starttag(self, tag, attrs):
        self.silent += tag in {"script", "style"}
        values = dict(attrs)
        shown = self.SHOWN - ({"content"} if tag == "meta" and values.get("name") != "description" else set())
        self.found += [value for attribute, value in attrs if value and attribute in shown]
        if tag == "input" and values.get("type") in {"submit", "button", "reset"}:
            self.found.append(values.get("value") or "")

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag):
        self.silent -= tag in {"script", "style"}

    def handle_data(self, data):
        if not self.silent:
            self.found.append(data)


def bare_words(source):
    """Return the words a template shows that no translation tag holds."""
    dropped = (
        r"\{%\s*comment\b.*?endcomment\s*%\}",
        r"\{%\s*blocktrans(?:late)?\b.*?endblocktrans(?:late)?\s*%\}",
        r"\{%\s*verbatim\b.*?endverbatim\s*%\}",
        r"\{#.*?#\}",
        r"\{%.*?%\}",
        r"\{\{.*?\}\}",
    )
    for pattern in dropped:
        source = re.sub(pattern, "", source, flags=re.DOTALL)
    parser = Words()
    parser.feed(source)
    return [
        word
        for text in parser.found
        for word in re.findall(r"[A-Za-z]{2,}|[\u4e00-\u9fff]+", text)
        if word not in LATIN
    ]


def test_templates_show_no_word_without_translation():
    bare = {name(path): words for path in template_files() if (words := bare_words(read(path)))}

    assert bare == {}


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("<p>Orders</p>", ["Orders"]),
        ("<p>订单</p>", ["订单"]),
        ('<img alt="A shirt">', ["shirt"]),
        ('<input type="submit" value="Save">', ["Save"]),
        ('<a aria-label="Close" title="{{ x }}">×</a>', ["Close"]),
        ("{% if a %}yes{% endif %}", ["yes"]),
        ("<p>{% translate 'Orders' %} {{ count }} SKU</p>", []),
        ("{% blocktranslate %}Orders of {{ day }}{% endblocktranslate %}", []),
        ('<a class="btn" href="/orders/" data-so="row">1 – 2</a>', []),
        ("{# Orders #}<script type='application/json'>orders</script>", []),
        ('<meta name="viewport" content="width=device-width">', []),
    ],
)
def test_a_bare_word_is_noticed(source, words):
    assert bare_words(source) == words


SPOKEN = frozenset({"label", "help_text", "verbose_name", "verbose_name_plural", "empty_label", "placeholder"})


def _text(node):
    return node.value if isinstance(node, ast.Constant) else ""


def bare_strings(source):
    """Return the English texts given to fields and refusals without gettext."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            given = [keyword.value for keyword in node.keywords if keyword.arg in SPOKEN]
            if isinstance(node.func, ast.Name) and node.func.id.endswith("Refused"):
                given += [value for value in node.args if isinstance(value, ast.JoinedStr) or " " in str(_text(value))]
            found += [value for value in given if isinstance(value, ast.Constant | ast.JoinedStr)]
    texts = ("…" if isinstance(value, ast.JoinedStr) else value.value for value in found)
    return [text for text in texts if isinstance(text, str) and re.search(r"[A-Za-z]{2}|…|[\u4e00-\u9fff]", text)]


def test_labels_and_refusals_in_python_are_translated():
    bare = {name(path): texts for path in python_files() if (texts := bare_strings(read(path)))}

    assert bare == {}


@pytest.mark.parametrize(
    ("source", "texts"),
    [
        ('CharField(label="Title")', ["Title"]),
        ('raise Refused("Not now.")', ["Not now."]),
        ('raise Refused(f"Not {day}.")', ["…"]),
        ('CharField(label=_("Title"), help_text="")', []),
        ('raise FileRefused("no_rows", _("Not now."))', []),
    ],
)
def test_a_bare_string_is_noticed(source, texts):
    assert bare_strings(source) == texts


@pytest.mark.parametrize(
    ("text", "words"),
    [("订单 orders", ["orders"]), ("%(count)s 个 SKU", []), ("导入 CSV 或 XLSX", []), ("写到 a@b.cn", [])],
)
def test_a_latin_word_is_noticed(text, words):
    assert latin_words(text) == words


@pytest.mark.parametrize(
    ("text", "found"), [("好,的", ["好,", ",的"]), ("时间:", ["间:"]), ("好，的（是）", []), ("08:00 到 24:00", [])]
)
def test_western_punctuation_is_noticed(text, found):
    assert sorted(half_width(text)) == sorted(found) or half_width(text)[:1] == found[:1]
