"""Names and texts that values are picked from: drawn once, from a fixed seed of their own."""

import unicodedata
from functools import cache
from hashlib import blake2b
from itertools import product
from typing import NamedTuple

import pyarrow as pa
from faker.generator import Generator
from faker.providers.person.pt_BR import Provider

from generator.columns import texts

POOL_SEED = 20170101
NAME_DRAWS = 1200

EMAIL_DOMAINS = ("gmail.com", "hotmail.com", "yahoo.com.br", "outlook.com", "uol.com.br")

# Some texts hold commas, quotes and line breaks, as real reviews do.
PRAISE = (
    (
        "Produto excelente",
        "Adorei, superou o que eu esperava",
        'Chegou antes do prazo: "nota dez"',
        "Muito bom",
    ),
    (
        "entrega rápida, embalagem perfeita",
        "recomendo a loja",
        "igual à foto\ne bem acabado",
        "vou comprar de novo",
    ),
    (
        "Parabéns, {name}!",
        "Obrigado.",
        "Minha filha, {name}, amou.",
        'O vendedor disse "obrigado" até no bilhete',
    ),
)
DOUBT = (
    ("Produto razoável", "Esperava mais", 'É o que diz o anúncio, "básico"', "Bom, mas nem tanto"),
    (
        "a cor é outra",
        "a caixa veio amassada,\nmas o produto não",
        "demorou, mas chegou",
        "serve para o uso diário",
    ),
    ("Pelo preço, vale.", "Talvez eu troque.", "{name} do atendimento foi gentil.", "Sem mais."),
)
COMPLAINT = (
    ("Não gostei", 'Veio errado: pedi "azul", mandaram verde', "Péssimo", "Ainda não funciona"),
    (
        "quero o meu dinheiro de volta",
        "ninguém responde,\nnem por e-mail,\nnem por telefone",
        "chegou quebrado",
    ),
    ("Falei com {name}, sem solução.", "Nunca mais.", "Aguardo retorno.", 'A loja só diz "aguarde"'),
)
TITLES = {
    "praise": ("Recomendo", "Super recomendo", "Ótimo", 'Nota "10"', "Perfeito, obrigado"),
    "doubt": ("Bom", "Regular", "Mais ou menos", "Ok, mas..."),
    "complaint": ("Não recomendo", "Decepção", "Péssimo", "Cadê o meu pedido?", 'Produto "original"?'),
}


class Pools(NamedTuple):
    """What names and reviews are picked from; the ascii lists spell the names as e-mail addresses do."""

    first_names: pa.StringArray
    last_names: pa.StringArray
    first_ascii: pa.StringArray
    last_ascii: pa.StringArray
    titles: dict[str, pa.StringArray]
    messages: dict[str, pa.StringArray]

    @property
    def fingerprint(self) -> str:
        """Changes when a name does: another Faker version may know other names, and so make another world."""
        names = [*self.first_names.to_pylist(), *self.last_names.to_pylist()]
        return blake2b("\n".join(names).encode(), digest_size=8).hexdigest()


@cache
def pools() -> Pools:
    """The one set of pools of this process."""
    faker = Generator()
    faker.seed_instance(POOL_SEED)
    names = Provider(faker)
    first = list(dict.fromkeys(names.first_name() for _ in range(NAME_DRAWS)))
    last = list(dict.fromkeys(names.last_name() for _ in range(NAME_DRAWS)))
    moods = {"praise": PRAISE, "doubt": DOUBT, "complaint": COMPLAINT}
    return Pools(
        first_names=texts(first),
        last_names=texts(last),
        first_ascii=texts([_mail_name(name) for name in first]),
        last_ascii=texts([_mail_name(name) for name in last]),
        titles={mood: texts(titles) for mood, titles in TITLES.items()},
        messages={mood: texts(_messages(parts, first)) for mood, parts in moods.items()},
    )


def _messages(parts: tuple[tuple[str, ...], ...], names: list[str]) -> list[str]:
    """Every way to put a mood's three parts together."""
    joined = [f"{opening}, {middle}. {closing}" for opening, middle, closing in product(*parts)]
    return [text.replace("{name}", names[number % len(names)]) for number, text in enumerate(joined)]


def _mail_name(name: str) -> str:
    """Lower-case ASCII letters only."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return "".join(letter for letter in plain.lower() if letter.isalpha())
