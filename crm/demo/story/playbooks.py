"""What the company of the story does when something happens: five playbooks, two start by themselves."""

from __future__ import annotations

import datetime as dt

from accounts.customers.models import Stage
from accounts.playbooks.models import Doer, Playbook, Trigger
from accounts.playbooks.services import PlaybookFacts, StepFacts, Words, save_playbook, switch_playbook
from accounts.users.models import User
from crm.queries.playbooks import follow_playbooks
from scoring.core.policy import SignalCode
from scoring.core.quadrants import Quadrant
from scoring.models import FlagLevel

TALK = PlaybookFacts(
    Words("Bring our executives together", "高层重新对话", "高層重新對話"),
    Trigger.FLAG_REASON,
    SignalCode.SILENCE_EXECUTIVE,
    (
        StepFacts(
            Words("Ask for an hour with their executive", "约对方高层面谈", "約對方高層面談"), 2, Doer.OWNER
        ),
        StepFacts(Words("Visit them together", "一起拜访", "一起拜訪"), 21, Doer.LEAD),
    ),
)
SAVE = PlaybookFacts(
    Words("Save a critical customer", "挽救高危客户", "挽救高危客戶"),
    Trigger.FLAG_LEVEL,
    FlagLevel.CRITICAL.code,
    (
        StepFacts(Words("Call and listen", "打电话，先听", "打電話，先聽"), 0, Doer.OWNER),
        StepFacts(
            Words("Agree a plan with the project", "与项目组商定计划", "與專案組商定計畫"), 3, Doer.MANAGER
        ),
        StepFacts(Words("Look whether it helped", "检查效果", "檢查效果"), 14, Doer.LEAD),
    ),
)
WAKE = PlaybookFacts(
    Words("Wake a dormant customer", "唤醒沉睡客户", "喚醒沉睡客戶"),
    Trigger.STAGE,
    Stage.DORMANT,
    (StepFacts(Words("Find out what they buy now", "了解客户近况", "了解客戶近況"), 7, Doer.OWNER),),
)
ORDER = PlaybookFacts(
    Words("Find out why orders stopped", "了解停单原因", "了解停單原因"),
    Trigger.FLAG_REASON,
    SignalCode.RHYTHM_BROKEN,
    (
        StepFacts(Words("Ask the buyer for the forecast", "向采购询问预测", "向採購詢問預測"), 1, Doer.OWNER),
        StepFacts(
            Words("Compare prices and delivery times", "比较价格与交期", "比較價格與交期"), 7, Doer.MANAGER
        ),
    ),
)
LIGHTEN = PlaybookFacts(
    Words("Save effort together", "共同减少作业", "共同減少作業"),
    Trigger.QUADRANT,
    Quadrant.REDUCE,
    (
        StepFacts(
            Words("Look at what our process costs", "检查我方流程成本", "檢查我方流程成本"), 7, Doer.MANAGER
        ),
        StepFacts(
            Words("Agree order days and standards", "商定下单日与标准", "商定下單日與標準"), 21, Doer.OWNER
        ),
        StepFacts(Words("Correct price or discount", "调整价格或折扣", "調整價格或折扣"), 60, Doer.LEAD),
    ),
)


def tell_playbooks(by: User, *, now: dt.datetime) -> int:
    """Once; how many runs started."""
    if Playbook.objects.exists():
        return 0
    for facts in (TALK, SAVE):
        switch_playbook(save_playbook(facts, by=by, now=now), is_active=True, now=now)
    for facts in (WAKE, ORDER, LIGHTEN):
        save_playbook(facts, by=by, now=now)
    return follow_playbooks(now=now)
