"""The settings of the service, from ``ECHO_…`` environment variables."""

from typing import Annotated, Self

from pydantic import Field, RedisDsn, SecretStr, StringConstraints, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

DEMONSTRATION_TOKEN = "leizishuoceshi"  # noqa: S105 -- public on purpose: it opens only a demonstration
DEMONSTRATION_TOKENS = {"learner": SecretStr(DEMONSTRATION_TOKEN)}

User = Annotated[str, StringConstraints(min_length=1)]
Token = Annotated[SecretStr, Field(min_length=1)]


class Settings(BaseSettings):
    """Every setting, its default and its unit.

    Lists and tables are JSON: ``ECHO_TOKENS='{"ada": "a long secret"}'``.
    """

    model_config = SettingsConfigDict(env_prefix="ECHO_", frozen=True)

    tokens: dict[User, Token] = Field(
        default_factory=dict,
        description="User to secret token. Empty: demonstration mode, one public token.",
    )
    allowed_origins: frozenset[str] = Field(
        default=frozenset(),
        description="Origins such as https://example.com whose cookies count besides the service's own host.",
    )
    max_message_bytes: int = Field(
        default=65_536,
        gt=0,
        description="Longest text that is answered, in bytes of UTF-8.",
    )
    max_messages_per_second: int = Field(
        default=100,
        gt=0,
        description="Messages that one connection may send in a second.",
    )
    idle_seconds: float = Field(
        default=600.0,
        gt=0,
        description="Longest time without a message from a client, in seconds.",
    )
    max_connections_per_user: int = Field(
        default=100,
        gt=0,
        description="Connections that one user may have open.",
    )
    max_connections: int = Field(
        default=10_000,
        gt=0,
        description="Connections that everybody together may have open, in each worker.",
    )
    max_backlog_bytes: int = Field(
        default=524_288,
        gt=0,
        description="What may wait for one chat connection that does not read, in bytes of UTF-8.",
    )
    redis_url: RedisDsn | None = Field(
        default=None,
        description="Where workers meet, such as redis://127.0.0.1:6379/0. None: one worker, in memory.",
    )
    heartbeat_seconds: float = Field(
        default=5.0,
        gt=0,
        description="How long a worker that says nothing is believed to live, in seconds.",
    )

    @model_validator(mode="after")
    def _one_user_for_each_token(self) -> Self:
        secrets = [token.get_secret_value() for token in self.tokens.values()]
        if len(set(secrets)) < len(secrets):
            raise ValueError("two users have the same token")
        return self

    @property
    def demonstration(self) -> bool:
        """Whether the service runs in demonstration mode, with its public token."""
        return not self.tokens

    @property
    def known_tokens(self) -> dict[str, SecretStr]:
        """The token of each user: the configured ones, otherwise the one of the demonstration mode."""
        return self.tokens or DEMONSTRATION_TOKENS
