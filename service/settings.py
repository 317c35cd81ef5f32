"""What can be set from outside, through ``ECHO_…`` environment variables."""

from typing import Annotated, Self

from pydantic import Field, SecretStr, StringConstraints, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

DEMONSTRATION_TOKEN = "leizishuoceshi"  # noqa: S105 -- public on purpose: it opens only a demonstration
DEMONSTRATION_TOKENS = {"learner": SecretStr(DEMONSTRATION_TOKEN)}

User = Annotated[str, StringConstraints(min_length=1)]
Token = Annotated[SecretStr, Field(min_length=1)]


class Settings(BaseSettings):
    """Every setting, its default and its unit.

    Lists and tables are written as JSON: ``ECHO_TOKENS='{"ada": "a long secret"}'``.
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

    @model_validator(mode="after")
    def _one_user_for_each_token(self) -> Self:
        secrets = [token.get_secret_value() for token in self.tokens.values()]
        if len(set(secrets)) < len(secrets):
            raise ValueError("two users have the same token")
        return self

    @property
    def demonstration(self) -> bool:
        """Whether the service runs with its public token."""
        return not self.tokens

    @property
    def known_tokens(self) -> dict[str, SecretStr]:
        """User to token: those that were set, or else the demonstration's."""
        return self.tokens or DEMONSTRATION_TOKENS
