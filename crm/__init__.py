"""What people touch: settings, wiring, pages, API, mail, timetable, demo."""

VERSION = "0.1.0"
