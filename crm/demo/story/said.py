"""What was said in the demo's interactions, by kind and by how it was meant. English and Chinese, invented.

Good words are never about dates: those of an order may be late.
"""

from accounts.interactions.models import InteractionKind, Sentiment

Words = tuple[tuple[str, str], ...]

_CALL: dict[Sentiment, Words] = {
    Sentiment.NEGATIVE: (
        ("Annoyed that nobody called him back last week.", "上周没人回电，客户很不满。"),
        ("Finds our price too high and compares.", "认为价格偏高，正在比价。"),
        ("Complains about three wrong labels in the last lot.", "抱怨上一批有三处标签错误。"),
    ),
    Sentiment.NEUTRAL: (
        ("Went through open orders and dates.", "核对在手订单和交期。"),
        ("Asked for the data sheet of the new connector.", "索要新连接器的规格书。"),
        ("Wants one address for all invoices from now on.", "今后所有发票统一寄往一个地址。"),
        ("Is on leave next week, his deputy decides.", "下周休假，由同事代为决定。"),
        ("Asked how long a change of the layout takes.", "询问改版需要多长时间。"),
    ),
    Sentiment.POSITIVE: (
        ("Thanked us for the quick answer.", "感谢我们回复及时。"),
        ("Gives our name to his sister plant.", "把我们推荐给兄弟工厂。"),
        ("Content with the first samples.", "对首批样品表示满意。"),
    ),
}
_EMAIL: dict[Sentiment, Words] = {
    Sentiment.NEGATIVE: (
        ("Rejected the quotation: 6 % above the other offer.", "拒绝报价：比别家高6%。"),
        ("Writes that two questions are open for ten days.", "来信称两个问题已十天未答复。"),
    ),
    Sentiment.NEUTRAL: (
        ("Sent the revised quotation.", "发送修订后的报价。"),
        ("Sent the test report of the last lot.", "发送上一批的测试报告。"),
        ("Received the new bill of materials.", "收到新版物料清单。"),
        ("Forwarded the minutes and the list of open points.", "转发会议纪要和待办清单。"),
        ("Asked for the certificate of origin.", "要求提供原产地证明。"),
    ),
    Sentiment.POSITIVE: (
        ("Accepted the quotation without a change.", "报价原样接受。"),
        ("Praised the test report: complete at last.", "称赞测试报告内容完整。"),
        ("Wants a quotation for a second product.", "希望再报一款产品的价格。"),
    ),
}
_MESSAGE: dict[Sentiment, Words] = {
    Sentiment.NEGATIVE: (
        ("Asks for the third time where the papers are.", "第三次催问单据在哪里。"),
        ("Sent photos of a torn carton.", "发来外箱破损的照片。"),
    ),
    Sentiment.NEUTRAL: (
        ("Sent the waybill number.", "发送运单号。"),
        ("Confirmed who comes to the audit.", "确认审核的来访人员。"),
        ("Asked for the contact in the warehouse.", "询问仓库联系人。"),
        ("Sent the drawing of the new label.", "发送新标签的图纸。"),
    ),
    Sentiment.POSITIVE: (
        ("The sample works, thumbs up.", "样品可用，点赞。"),
        ("Glad that the change was taken over the same day.", "变更当天就落实，客户很高兴。"),
    ),
}
_MEETING: dict[Sentiment, Words] = {
    Sentiment.NEGATIVE: (
        (
            "Two of the five points of last month are still open, he is angry.",
            "上月五项仍有两项未完成，客户生气。",
        ),
        (
            "His forecast falls by a fifth; he doubts our cost reduction.",
            "预测下调两成，对我方降本表示怀疑。",
        ),
    ),
    Sentiment.NEUTRAL: (
        ("Monthly planning: forecast for 12 weeks.", "月度计划：未来12周预测。"),
        ("Went through the list of engineering changes.", "逐项核对工程变更。"),
        ("Agreed the packing for the next lots.", "商定后续批次的包装方式。"),
    ),
    Sentiment.POSITIVE: (
        ("All points of last month closed, he was pleased.", "上月事项全部关闭，客户满意。"),
        ("Forecast raised by a tenth.", "预测上调一成。"),
    ),
}
_VISIT: dict[Sentiment, Words] = {
    Sentiment.NEGATIVE: (
        ("Found solder balls on the line, not amused.", "在产线上发现锡珠，很不满意。"),
        ("Misses the traceability that we promised.", "没有看到我们承诺的追溯系统。"),
    ),
    Sentiment.NEUTRAL: (
        ("Walked the line together, two open points.", "一起走线，两个待办问题。"),
        ("Yearly audit, report follows.", "年度审核，报告随后。"),
        ("Looked at his new building and the dock.", "参观客户新厂房和装卸平台。"),
    ),
    Sentiment.POSITIVE: (
        ("Audit without a finding.", "审核零不符合项。"),
        ("Impressed by the new inspection station.", "对新的检测工位印象深刻。"),
    ),
}
_SUPPORT: dict[Sentiment, Words] = {
    Sentiment.NEGATIVE: (
        ("The same defect again, he asks for the cause.", "同样的缺陷再次出现，要求查明原因。"),
        ("Line stood for two hours, he blames the boards.", "产线停了两小时，客户归咎于电路板。"),
    ),
    Sentiment.NEUTRAL: (
        ("Soldering defect analysed, cause found.", "焊接不良分析，已找到原因。"),
        ("Helped with the settings of the tester.", "协助设置测试仪。"),
        ("Two boards taken back for analysis.", "取回两块板做分析。"),
    ),
    Sentiment.POSITIVE: (
        ("Fault found within an hour, he thanked us.", "一小时内找到故障，客户致谢。"),
        ("The tester runs again, all content.", "测试仪恢复运行，大家满意。"),
    ),
}
_TRAINING: dict[Sentiment, Words] = {
    Sentiment.NEGATIVE: (("Too fast for his people, wants it again.", "讲得太快，要求重新培训。"),),
    Sentiment.NEUTRAL: (
        ("Trained his inspectors on the new fixture.", "培训客户检验员使用新治具。"),
        ("Showed his buyers how to read the order status.", "教客户采购员查看订单状态。"),
    ),
    Sentiment.POSITIVE: (
        ("His inspectors liked it and ask for a second day.", "检验员反响很好，希望再加一天。"),
    ),
}
_STRATEGY: dict[Sentiment, Words] = {
    Sentiment.NEGATIVE: (("Wants a second source for the main product.", "主力产品要引入第二供应商。"),),
    Sentiment.NEUTRAL: (
        ("Next year's volumes and the second site.", "明年产量与第二工厂。"),
        (
            "His roadmap for three years; we are to propose a test concept.",
            "三年路线图；由我方提出测试方案。",
        ),
    ),
    Sentiment.POSITIVE: (
        ("Wants us in the development of the next product.", "希望我们参与下一代产品开发。"),
    ),
}
SAID = {
    InteractionKind.CALL: _CALL,
    InteractionKind.EMAIL: _EMAIL,
    InteractionKind.MESSAGE: _MESSAGE,
    InteractionKind.MEETING: _MEETING,
    InteractionKind.VISIT: _VISIT,
    InteractionKind.SUPPORT: _SUPPORT,
    InteractionKind.TRAINING: _TRAINING,
    InteractionKind.STRATEGY: _STRATEGY,
}
