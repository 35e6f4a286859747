"""Teachers: the professional side of a person."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from accounts.models.users import User


class Teacher(models.Model):
    """One person's teaching profile; its key is the person's."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="teacher")
    headline = models.CharField(max_length=150, blank=True)
    about = models.TextField(max_length=5000, blank=True)
    qualification = models.CharField(max_length=200, blank=True)
    experience_years = models.PositiveSmallIntegerField(default=0)
    certificates = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    is_verified = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(experience_years__lte=80),
                name="teacher_experience_is_a_working_life",
                violation_error_message="Experience is 0 to 80 years.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} ({self.headline})"
