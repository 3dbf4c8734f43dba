"""What an author types or uploads, into clean values and sentences."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from onex.bank import queries
from onex.catalog.models import CertificateLevel
from onex.common import files
from onex.common.actors import Actor
from onex.common.text import Refused, say

MAX_BYTES = 5_000_000


class LevelForm(forms.Form):
    """Which level the work is for: only those of the author's own organisation."""

    level: forms.ModelChoiceField[CertificateLevel] = forms.ModelChoiceField(
        label=_("证书等级"), queryset=None, empty_label=_("请选择")
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["level"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 (tells the type checker what the line above says)
        field.queryset = queries.levels_of(actor)


class ImportForm(LevelForm):
    """A YAML file of items, or of one practical paper (with `modules`)."""

    file = forms.FileField(label=_("题目文件"), help_text=_("YAML 格式，UTF-8 编码，不超过 5 MB。"))

    def clean_file(self) -> Any:
        """The parsed document.

        Raises ValidationError naming the line that cannot be read.
        """
        try:
            document = files.read_yaml(self.cleaned_data["file"], MAX_BYTES)
        except Refused as refused:
            raise forms.ValidationError([str(reason) for reason in refused.reasons]) from refused
        if isinstance(document, dict) and isinstance(document.get("items"), list):
            document = document["items"]
        is_items = isinstance(document, list) and all(isinstance(item, dict) for item in document) and document
        is_practical = isinstance(document, dict) and isinstance(document.get("modules"), list)
        if not is_items and not is_practical:
            raise forms.ValidationError(str(say("文件里没有找到题目：应是题目列表，或含 modules 的实训卷。")))
        return document


class AssembleForm(LevelForm):
    """How many theory papers to draw, none sharing an item."""

    count = forms.IntegerField(
        label=_("份数"), min_value=1, max_value=4, initial=1, help_text=_("同次组出的试卷互不重题。")
    )
    seed = forms.IntegerField(
        label=_("组卷种子"),
        required=False,
        min_value=0,
        max_value=2**31 - 1,
        help_text=_("可不填。相同的种子在相同的题库上组出相同的试卷，便于复查。"),
    )
    apart = forms.BooleanField(label=_("与已有试卷不重题"), required=False, initial=True)
