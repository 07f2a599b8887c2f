"""Data inside sentences is marked, so that nobody translates it (and escaped like any other text)."""

import pytest

from shopops.ui.templatetags.so import marks_data


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("文件 a_1.csv 被拒绝", '文件 <bdi translate="no">a_1.csv</bdi> 被拒绝'),
        ("时区 Asia/Shanghai，币种", '时区 <bdi translate="no">Asia/Shanghai</bdi>，币种'),
        ("<b>.xlsx", '<bdi translate="no">&lt;b&gt;.xlsx</bdi>'),
        ("3 单 & 1 笔", "3 单 &amp; 1 笔"),
    ],
)
def test_file_names_and_time_zones_are_marked_in_a_sentence(text, marked):
    assert marks_data(text) == marked
