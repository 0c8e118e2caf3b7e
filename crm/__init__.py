"""What people touch: settings, wiring, pages, API, mail, timetable, demo."""
