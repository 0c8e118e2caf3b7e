"""The templates that the product brings along."""

from __future__ import annotations

from accounts.interactions.models import InteractionKind
from accounts.interactions.templates import TemplateFacts


def _headings(kind: InteractionKind, english: str, hans: str, hant: str) -> TemplateFacts:
    """A heading a line, each with room behind it; written here with bars between them."""
    texts = (
        "\n".join(f"{heading}{colon}" for heading in written.split("|"))
        for written, colon in ((english, ":"), (hans, "："), (hant, "："))
    )
    return TemplateFacts(kind, *texts)


STANDARD = (
    _headings(
        InteractionKind.CALL, "Asked|Answered|Next", "对方询问|我方答复|下一步", "對方詢問|我方答覆|下一步"
    ),
    _headings(
        InteractionKind.VISIT,
        "Present|Seen|Discussed|Agreed|Next",
        "参加人员|现场所见|讨论内容|达成一致|下一步",
        "參加人員|現場所見|討論內容|達成共識|下一步",
    ),
    _headings(
        InteractionKind.MEETING,
        "Present|Discussed|Agreed|Next",
        "参加人员|讨论内容|达成一致|下一步",
        "參加人員|討論內容|達成共識|下一步",
    ),
    _headings(
        InteractionKind.TRAINING,
        "Present|Topics|Questions left open|Next",
        "参加人员|培训主题|遗留问题|下一步",
        "參加人員|培訓主題|遺留問題|下一步",
    ),
    _headings(
        InteractionKind.SUPPORT,
        "What happened|Since when|Done|Still open",
        "问题描述|开始时间|已处理|待解决",
        "問題描述|開始時間|已處理|待解決",
    ),
    _headings(
        InteractionKind.STRATEGY,
        "Present|Their plans|Our offer|Agreed|Next",
        "参加人员|对方规划|我方方案|达成一致|下一步",
        "參加人員|對方規劃|我方方案|達成共識|下一步",
    ),
    _headings(
        InteractionKind.REVIEW,
        "Present|Went well|Went badly|Agreed|Next",
        "参加人员|做得好的|做得不好的|达成一致|下一步",
        "參加人員|做得好的|做得不好的|達成共識|下一步",
    ),
)
