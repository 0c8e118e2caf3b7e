"""What respondents of the demo write beside their grades, by theme and language. All invented.

``{n}`` is a small number, two to six.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Remarks:
    """On one theme, in one language: with a good grade, and with one of B- or worse."""

    good: tuple[str, ...]
    poor: tuple[str, ...]


ENGLISH = {
    "quality": Remarks(
        good=(
            "No returns again this month.",
            "First-pass yield is the best we have had with you.",
            "The last batch passed incoming inspection without a remark.",
            "Good to see the photos of every first article.",
        ),
        poor=(
            "{n} boards of the last lot had tombstoned resistors.",
            "Solder balls under the connector again, we rework every board ourselves.",
            "Wrong revision of the label on the whole pallet.",
            "{n} units failed our burn-in within a day.",
            "Conformal coating is missing on the corners; our customer has noticed it.",
            "Scratches on the housings, we had to sort the delivery by hand.",
            "The test report does not match the serial numbers in the box.",
            "Cold joints on the large capacitors, for the second time.",
        ),
    ),
    "delivery": Remarks(
        good=(
            "Everything came on the promised day.",
            "You even pulled two lots forward for us, thank you.",
            "Dates have been reliable for weeks.",
            "Partial shipments are announced in time, that helps our planning.",
        ),
        poor=(
            "{n} days late, and I heard of it from the carrier.",
            "Our line stood for {n} hours because your lot was missing.",
            "Third new date for the same order line.",
            "Only half of the quantity arrived, the rest has no date.",
            "The promised week slips every week.",
            "We pay air freight because you ship late.",
            "The order confirmation took {n} days, so I could not plan.",
            "Delivered to the wrong plant, we lost {n} days.",
        ),
    ),
    "communication": Remarks(
        good=(
            "I always know whom to call.",
            "The Monday mail with the open points is very useful.",
            "Quick and clear answers this week.",
            "Honest about the shortage, and early. That is what we want.",
        ),
        poor=(
            "My mail of last week is still unanswered.",
            "Nobody told us that the contact person had changed.",
            "I get three different dates from three people.",
            "The minutes of the meeting never came.",
            "We learn of problems only when we ask.",
            "{n} calls until somebody could tell me the state of the order.",
            "The engineering change went round without us.",
        ),
    ),
    "service": Remarks(
        good=(
            "You took the change of quantity without a discussion.",
            "The rush order saved our week.",
            "Flexible with the packaging, our warehouse is happy.",
            "The return was handled in two days.",
        ),
        poor=(
            "Every change of quantity costs a week of talks.",
            "The return has been open for {n} weeks.",
            "No way to move a delivery by {n} days, that used to be possible.",
            "The credit note is still missing.",
            "Minimum quantities were raised without asking us.",
            "For a sample of ten pieces we waited {n} weeks.",
            "The forecast we send is plainly not used.",
        ),
    ),
    "support": Remarks(
        good=(
            "Your engineer found the layout error before we did.",
            "The design-for-test proposal saves us a fixture.",
            "Good advice about the obsolete regulator.",
            "Failure analysis with pictures, on the next day.",
        ),
        poor=(
            "The failure analysis has been promised for {n} weeks.",
            "The answer to our technical question was a data sheet.",
            "The test fixture has false failures and nobody looks at it.",
            "No proposal for the part that is going out of production.",
            "Our engineers had to explain the same drawing {n} times.",
            "The firmware was flashed in the wrong version.",
            "The thermal problem is known since spring, no measurement yet.",
        ),
    ),
}

CHINESE = {
    "quality": Remarks(
        good=(
            "本月又是零退货。",
            "直通率是合作以来最好的一次。",
            "上一批来料检验全部合格。",
            "首件照片很清楚，请继续保持。",
        ),
        poor=(
            "上一批有{n}块板电阻立碑。",
            "连接器下方又有锡珠，我们只能自己返工。",
            "整托盘的标签版本都错了。",
            "{n}台产品在老化测试第一天就失效。",
            "边角没有涂到三防漆，我们的客户已经发现。",
            "外壳有划伤，我们只好人工全检。",
            "测试报告与箱内序列号对不上。",
            "大电容虚焊，这是第二次了。",
        ),
    ),
    "delivery": Remarks(
        good=(
            "全部按承诺日期到货。",
            "还帮我们提前了两批，非常感谢。",
            "最近几周交期都很稳。",
            "分批发货提前通知，方便我们排产。",
        ),
        poor=(
            "晚了{n}天，还是物流告诉我们的。",
            "因为缺你们的料，产线停了{n}个小时。",
            "同一行订单已经改了三次交期。",
            "只到了一半，其余没有日期。",
            "承诺的周次每周都往后推。",
            "因为你们晚发货，我们付了空运费。",
            "订单确认用了{n}天，我没法排产。",
            "货送错了工厂，耽误了{n}天。",
        ),
    ),
    "communication": Remarks(
        good=(
            "有事知道该找谁，回复很快。",
            "每周一的未结事项邮件很有用。",
            "本周答复及时、清楚。",
            "缺料提前说明，这正是我们需要的。",
        ),
        poor=(
            "上周的邮件到现在没有回复。",
            "对接人换了，没有人通知我们。",
            "三个人给了三个不同的日期。",
            "会议纪要一直没有发。",
            "问题总是我们问了才知道。",
            "打了{n}个电话才问到订单状态。",
            "工程变更没有通知我们。",
        ),
    ),
    "service": Remarks(
        good=(
            "数量变更马上就答应了，很灵活。",
            "这次急单帮了大忙。",
            "包装方式配合我们仓库，很好。",
            "退货两天就处理完了。",
        ),
        poor=(
            "每次改数量都要谈一个星期。",
            "退货已经{n}周没有处理。",
            "交货推迟{n}天都不行，以前是可以的。",
            "红字发票一直没有开。",
            "起订量提高了，没有和我们商量。",
            "十件样品等了{n}周。",
            "我们发的预测看来没有人用。",
        ),
    ),
    "support": Remarks(
        good=(
            "贵司工程师比我们先发现了布线错误。",
            "可测试性建议帮我们省了一套治具。",
            "停产稳压器的替代建议很好。",
            "失效分析第二天就给了，有图片。",
        ),
        poor=(
            "失效分析说了{n}周还没有。",
            "技术问题的答复只有一份规格书。",
            "测试治具误判，一直没有人处理。",
            "停产器件没有替代方案。",
            "同一张图纸解释了{n}遍。",
            "烧录的固件版本不对。",
            "散热问题春天就知道，到现在没有测量。",
        ),
    ),
}

_OVERALL = {
    False: (
        "Thank you, keep it up.",
        "A normal week.",
        "We are planning more volume for next quarter.",
        "Please give our thanks to the night shift.",
        "See you at the review next week.",
    ),
    True: (
        "谢谢，请继续保持。",
        "本周一切正常。",
        "下季度我们计划增加数量。",
        "请代我们感谢夜班的同事。",
        "下周评审会见。",
    ),
}


def remark(theme: str, *, is_chinese: bool, is_poor: bool, draw: float) -> str:
    """The sentence that a ``draw`` in 0..1 picks."""
    remarks = (CHINESE if is_chinese else ENGLISH)[theme]
    choice = remarks.poor if is_poor else remarks.good
    place = draw * len(choice)
    return choice[int(place)].format(n=2 + int(place % 1 * 5))


def overall_remark(*, is_chinese: bool, draw: float) -> str:
    choice = _OVERALL[is_chinese]
    return choice[int(draw * len(choice))]
