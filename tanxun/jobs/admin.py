"""The rows of the queue are not shown in the admin: they say nothing that the jobs in it do not say in words."""

from django.contrib import admin
from django_tasks_db.models import DBTaskResult

admin.site.unregister(DBTaskResult)
