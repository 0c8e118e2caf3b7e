"""What the installation says about itself: to Prometheus, and to admins on the status page.

`counts` counts requests and is read from the web processes; `pulse` is what workers and timetable leave in
Valkey, where every web process finds it however many hosts there are; `queues` and `records` look into the
queue and the database. `reading` takes all of it together, `exposition` writes it for Prometheus, `verdict`
says it in sentences.
"""
