"""What project managers of the demo write into corrective actions, by theme and language. All invented."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Remedy:
    """One complaint from the plan to the correction."""

    plan: str
    contained: str
    cause_found: str
    corrected: str


_ENGLISH = {
    "quality": (
        Remedy(
            "Sort the stock at the customer's, X-ray the whole next lot, find the cause with process.",
            "Stock sorted at the customer's, replacement shipped by courier.",
            "Stencil worn: aperture 12 % over the limit, cleaning interval was skipped on the night shift.",
            "New stencil, interval locked in the line's recipe, 3 lots without a finding.",
        ),
        Remedy(
            "Block the lot, inspect by hand, audit the station with quality and the supplier.",
            "Lot blocked, hand inspection on every unit until further notice.",
            "Moisture-sensitive parts stood open longer than allowed after a line stop.",
            "Dry cabinet beside the line, time out of the bag is now scanned.",
        ),
        Remedy(
            "Check the label process against the order data, relabel what is in stock.",
            "Two people check every pallet against the order.",
            "The printer kept the template of the previous revision.",
            "The template now comes from the order; a wrong revision cannot be printed.",
        ),
    ),
    "delivery": (
        Remedy(
            "Ship what is ready by air at our cost, new dates for the rest, daily call until we are on time.",
            "80 % shipped by air, the rest has a confirmed date.",
            "The connector was allocated to another order when its delivery slipped.",
            "Reservation by order line introduced, safety stock for the two long-lead parts.",
        ),
        Remedy(
            "Second shift on the bottleneck for two weeks, weekly plan shared with the customer.",
            "Second shift runs since Monday, backlog down by half.",
            "The selective soldering line was planned at 110 % of what it can do.",
            "Capacity check before every promised date; the second machine is released.",
        ),
        Remedy(
            "Go through all open order lines with planning and the customer's buyer, one date each.",
            "All open lines have one date, changes go through one person.",
            "Sales and planning confirmed dates from two different lists.",
            "One list; a date is confirmed by planning only.",
        ),
    ),
    "communication": (
        Remedy(
            "One contact person and a deputy, answer within one working day, weekly call.",
            "Called the customer, all open questions are answered.",
            "The mailbox of the former contact person was read by nobody.",
            "Shared mailbox with a duty roster, answer times are measured.",
        ),
        Remedy(
            "Write the open points down together, send minutes on the same day.",
            "Minutes of the last three meetings sent.",
            "Nobody was named for the minutes.",
            "Minutes are a fixed item with a name; four weeks in a row on time.",
        ),
    ),
    "service": (
        Remedy(
            "Settle the open returns this week, agree on simple rules for changes of quantity.",
            "All open returns are credited.",
            "Every change went through three approvals, whatever its size.",
            "Changes up to 20 % are decided by the planner on the same day.",
        ),
        Remedy(
            "Prototype line for samples, date with the order confirmation.",
            "The samples are shipped.",
            "Samples waited behind series orders on the same line.",
            "Two fixed slots a week for samples.",
        ),
    ),
    "support": (
        Remedy(
            "Name an engineer, failure analysis with interim report in three days.",
            "Interim report sent, affected units exchanged.",
            "Test limit too narrow at high temperature; the contact resistance of the fixture drifts.",
            "New probes and a weekly reference measurement; no false failure since.",
        ),
        Remedy(
            "Workshop with the customer's engineers about the discontinued part, two proposals.",
            "Last-time buy secured, covers eight months.",
            "The notice of discontinuation went to purchasing only.",
            "Replacement qualified; notices now go to engineering and the project manager.",
        ),
    ),
}

_CHINESE = {
    "quality": (
        Remedy(
            "先到客户处挑选库存，下一批100%做X光检查，再与工艺一起查找原因。",
            "客户库存已挑选完毕，补货已快递发出。",
            "钢网磨损：开孔超上限12%，夜班漏做了清洗。",
            "更换新钢网，清洗周期锁入程序，连续三批无异常。",
        ),
        Remedy(
            "封存该批，人工全检，与品质部和供应商一起稽核工位。",
            "该批已封存，目前每台人工检查。",
            "停线后湿敏元件暴露时间超标。",
            "线边增加干燥柜，暴露时间改为扫码管控。",
        ),
    ),
    "delivery": (
        Remedy(
            "已完成部分由我司承担空运，其余重新确认日期，恢复准时前每日通话。",
            "80%已空运发出，其余日期已确认。",
            "连接器延迟到货后被调配给另一张订单。",
            "按订单行锁料，两种长交期物料建立安全库存。",
        ),
        Remedy(
            "瓶颈工序加开两周夜班，每周计划与客户共享。",
            "夜班周一开始，积压已减半。",
            "选择焊按110%产能排产。",
            "承诺交期前先核对产能，第二台设备已投入使用。",
        ),
    ),
    "communication": (
        Remedy(
            "指定一名对接人和一名代理人，一个工作日内答复，每周通话。",
            "已致电客户，所有问题均已答复。",
            "原对接人的邮箱无人查看。",
            "改用共享邮箱并排班值守，统计答复时间。",
        ),
        Remedy(
            "与客户一起列出未结事项，会议纪要当天发出。",
            "最近三次会议纪要已补发。",
            "没有指定纪要负责人。",
            "纪要列为固定议程并指定负责人，连续四周按时发出。",
        ),
    ),
    "service": (
        Remedy(
            "本周内处理完所有退货，与客户约定数量变更的简单规则。",
            "所有退货均已开具红字发票。",
            "无论大小，每次变更都要三级审批。",
            "20%以内的变更由计划员当天决定。",
        ),
    ),
    "support": (
        Remedy(
            "指定一名工程师，三天内给出失效分析中期报告。",
            "中期报告已发出，问题产品已更换。",
            "高温下测试上限过窄，治具接触电阻漂移。",
            "更换探针，每周做基准测量，之后没有误判。",
        ),
        Remedy(
            "与客户工程师就停产器件开研讨会，给出两个方案。",
            "已锁定最后一次采购，可用八个月。",
            "停产通知只发给了采购部。",
            "替代料已通过认证，停产通知同时发给工程部和项目经理。",
        ),
    ),
}

_WORDS = {
    False: ("Talked to the customer, he knows the state.", "Weekly call: two points open, one closed."),
    True: ("已与客户沟通，客户了解进展。", "周会：两项未结，一项已关闭。"),
}


def remedy(theme: str, *, is_chinese: bool, draw: float) -> Remedy:
    """What a ``draw`` in 0..1 picks."""
    choice = (_CHINESE if is_chinese else _ENGLISH)[theme]
    return choice[int(draw * len(choice))]


def word(*, is_chinese: bool, draw: float) -> str:
    """A comment in the log of a corrective action."""
    choice = _WORDS[is_chinese]
    return choice[int(draw * len(choice))]
