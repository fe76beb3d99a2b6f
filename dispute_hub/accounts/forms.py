"""Forms of the log-in page."""

from __future__ import annotations

from django import forms


class LoginForm(forms.Form):
    """Name or police number, and password. The password is taken as typed: no trimming, no truncation."""

    username = forms.CharField(label="用户名或警号", max_length=60, error_messages={"required": "请填写。"})
    password = forms.CharField(
        label="密码",
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput,
        error_messages={"required": "请填写。", "max_length": "不能超过1000个字。"},
    )
