"""The surveys beside the weekly one that the product brings along, as drafts for an admin to publish."""

from __future__ import annotations

from dataclasses import dataclass, replace

from accounts.contacts.models import Level
from accounts.occasions.facts import OptionFacts, QuestionFacts, RulesFacts, SurveyFacts
from accounts.occasions.models import QuestionKind
from accounts.surveys.models import ProgrammeKind
from accounts.surveys.standard import STANDARD, DimensionFacts, Words


@dataclass(frozen=True)
class StandardSurvey:
    name: str
    kind: ProgrammeKind
    facts: SurveyFacts


def _words(name: str, hans: str, hant: str) -> Words:
    return Words(name=name, name_zh_hans=hans, name_zh_hant=hant)


def _dimension(code: str, name: str, hans: str, hant: str) -> DimensionFacts:
    return DimensionFacts(code=code, words=_words(name, hans, hant))


def _option(code: str, name: str, hans: str, hant: str) -> OptionFacts:
    return OptionFacts(code=code, words=_words(name, hans, hant))


def _question(
    code: str, kind: QuestionKind, name: str, hans: str, hant: str, *options: OptionFacts
) -> QuestionFacts:
    return QuestionFacts(code=code, kind=kind.value, words=_words(name, hans, hant), options=options)


LIKELY = (
    _words("Certain", "肯定", "肯定"),
    _words("Very likely", "很可能", "很可能"),
    _words("Likely", "可能", "可能"),
    _words("Rather likely", "较有可能", "較有可能"),
    _words("Undecided", "尚未确定", "尚未確定"),
    _words("Unlikely", "不太可能", "不太可能"),
    _words("Out of the question", "不可能", "不可能"),
)
"""What the standard grades mean where something is likely or not."""

_VERSION = replace(STANDARD, dimensions=(), send_hour=10, remind_after_days=5)

DELIVERY = SurveyFacts(
    version=replace(
        _VERSION,
        dimensions=(
            _dimension("on_time", "On time", "准时", "準時"),
            _dimension("complete", "Complete and correct", "齐全无误", "齊全無誤"),
            _dimension("packaging", "Packaging", "包装", "包裝"),
            _dimension("documents", "Documents", "随货单据", "隨貨單據"),
        ),
    ),
    rules=RulesFacts(
        asked_levels=(Level.OPERATIONAL.value, Level.SPECIALIST.value),
        asks_deliveries=True,
        opening=_words(
            "How did this delivery reach you? Four grades are enough.",
            "这次交货的情况如何？只需给出四个等级。",
            "這次交貨的情況如何？只需給出四個等級。",
        ),
    ),
)

ANY_TIME = SurveyFacts(
    version=replace(
        _VERSION, dimensions=(_dimension("overall", "Overall satisfaction", "总体满意度", "整體滿意度"),)
    ),
    rules=RulesFacts(
        wait_days=0,
        opening=_words(
            "How satisfied are you with us, all in all?",
            "总体而言，您对我们满意吗？",
            "整體而言，您對我們滿意嗎？",
        ),
    ),
    questions=(
        _question(
            "better",
            QuestionKind.TEXT,
            "What should we do better?",
            "我们哪些方面应当改进？",
            "我們哪些方面應當改善？",
        ),
    ),
)

NEEDS = SurveyFacts(
    version=replace(
        _VERSION,
        dimensions=(
            _dimension(
                "stay",
                "How likely are you to go on working with us?",
                "您继续与我们合作的可能性",
                "您繼續與我們合作的可能性",
            ),
        ),
        grades=tuple(
            replace(grade, words=words) for grade, words in zip(STANDARD.grades, LIKELY, strict=True)
        ),
        remind_after_days=7,
    ),
    rules=RulesFacts(
        asked_levels=(Level.EXECUTIVE.value, Level.MANAGEMENT.value),
        wait_days=0,
        answer_days=30,
        rest_days=180,
        yearly_month=10,
        yearly_day=15,
        opening=_words(
            "Once a year we ask what you will need from us, so that we can prepare for it.",
            "我们每年询问一次您未来的需求，以便提前准备。",
            "我們每年詢問一次您未來的需求，以便提前準備。",
        ),
    ),
    questions=(
        _question(
            "needs",
            QuestionKind.TEXT,
            "What will you need in the next twelve months that you do not get from us today?",
            "未来十二个月，您需要哪些我们目前尚未提供的产品或服务？",
            "未來十二個月，您需要哪些我們目前尚未提供的產品或服務？",
        ),
        _question(
            "capabilities",
            QuestionKind.SEVERAL,
            "Which of our capabilities matter to you?",
            "我们的哪些能力对您重要？",
            "我們的哪些能力對您重要？",
            _option("development", "Joint development", "联合开发", "聯合開發"),
            _option("prototypes", "Fast prototypes", "快速打样", "快速打樣"),
            _option("small_lots", "Small lots", "小批量生产", "小批量生產"),
            _option("volume", "Large volumes", "大批量生产", "大批量生產"),
            _option("quality", "Quality and certificates", "质量与认证", "品質與認證"),
            _option("logistics", "Stock and logistics", "库存与物流", "庫存與物流"),
            _option("service", "Repair and training", "维修与培训", "維修與培訓"),
        ),
        _question(
            "volume",
            QuestionKind.ONE,
            "How will your volume with us change?",
            "您与我们的业务量将如何变化？",
            "您與我們的業務量將如何變化？",
            _option("much_more", "Grow by more than a fifth", "增长超过两成", "成長超過兩成"),
            _option("more", "Grow", "增长", "成長"),
            _option("same", "Stay the same", "基本不变", "大致不變"),
            _option("less", "Shrink", "减少", "減少"),
            _option("much_less", "Shrink by more than a fifth", "减少超过两成", "減少超過兩成"),
            _option("unknown", "I cannot say", "不确定", "不確定"),
        ),
        _question(
            "channel",
            QuestionKind.SEVERAL,
            "How would you like us to be in touch?",
            "您希望我们以何种方式与您联系？",
            "您希望我們以何種方式與您聯繫？",
            _option("visit", "Visit", "拜访", "拜訪"),
            _option("call", "Telephone", "电话", "電話"),
            _option("video", "Video meeting", "视频会议", "視訊會議"),
            _option("email", "E-mail", "电子邮件", "電子郵件"),
            _option("message", "Message", "即时消息", "即時訊息"),
        ),
        _question(
            "frequency",
            QuestionKind.ONE,
            "How often?",
            "联系频率",
            "聯繫頻率",
            _option("weekly", "Every week", "每周", "每週"),
            _option("monthly", "Every month", "每月", "每月"),
            _option("quarterly", "Every quarter", "每季度", "每季"),
            _option("yearly", "Once or twice a year", "每年一两次", "每年一兩次"),
        ),
    ),
)

STANDARD_SURVEYS = (
    StandardSurvey("After a delivery", ProgrammeKind.EVENT, DELIVERY),
    StandardSurvey("At any time", ProgrammeKind.ANY_TIME, ANY_TIME),
    StandardSurvey("Needs and preferences", ProgrammeKind.YEARLY, NEEDS),
)
