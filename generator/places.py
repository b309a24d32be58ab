"""Where people live: real cities of all 27 states, their zip code prefixes, coordinates and area codes.

Sources: the postal code ranges of the Brazilian post (first five digits) and the area codes of the national
numbering plan. Coordinates lie in a built-up part of each city away from the shore, in degrees.
"""

from functools import cache
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from generator.columns import texts


class City(NamedTuple):
    """A city; `prefixes` says how many zip code prefixes of its range are in use, and so how likely it is."""

    state: str
    name: str
    first_prefix: int
    last_prefix: int
    latitude: float
    longitude: float
    area_code: int
    prefixes: int


CITIES = (
    City("SP", "Sao Paulo", 1000, 5899, -23.550, -46.630, 11, 50),
    City("SP", "Osasco", 6000, 6299, -23.530, -46.790, 11, 6),
    City("SP", "Guarulhos", 7000, 7299, -23.450, -46.530, 11, 10),
    City("SP", "Campinas", 13000, 13139, -22.905, -47.060, 19, 9),
    City("SP", "Ribeirao Preto", 14000, 14109, -21.178, -47.810, 16, 6),
    City("RJ", "Rio De Janeiro", 20000, 23799, -22.880, -43.350, 21, 26),
    City("RJ", "Petropolis", 25600, 25779, -22.510, -43.180, 24, 4),
    City("RJ", "Nova Iguacu", 26000, 26099, -22.760, -43.450, 21, 5),
    City("MG", "Belo Horizonte", 30000, 31999, -19.920, -43.940, 31, 16),
    City("MG", "Juiz De Fora", 36000, 36109, -21.760, -43.350, 32, 4),
    City("MG", "Uberlandia", 38400, 38415, -18.920, -48.280, 34, 4),
    City("RS", "Porto Alegre", 90000, 91999, -30.050, -51.170, 51, 12),
    City("RS", "Caxias Do Sul", 95000, 95124, -29.170, -51.180, 54, 4),
    City("PR", "Curitiba", 80000, 82999, -25.430, -49.270, 41, 12),
    City("PR", "Londrina", 86000, 86099, -23.310, -51.160, 43, 4),
    City("SC", "Florianopolis", 88000, 88099, -27.585, -48.510, 48, 5),
    City("SC", "Joinville", 89200, 89239, -26.300, -48.850, 47, 5),
    City("SC", "Blumenau", 89000, 89099, -26.920, -49.070, 47, 3),
    City("BA", "Salvador", 40000, 42599, -12.950, -38.460, 71, 14),
    City("BA", "Feira De Santana", 44000, 44099, -12.260, -38.960, 75, 4),
    City("PE", "Recife", 50000, 52999, -8.050, -34.930, 81, 10),
    City("CE", "Fortaleza", 60000, 61599, -3.770, -38.560, 85, 12),
    City("DF", "Brasilia", 70000, 72799, -15.800, -47.930, 61, 12),
    City("GO", "Goiania", 74000, 74899, -16.680, -49.260, 62, 9),
    City("PA", "Belem", 66000, 66999, -1.420, -48.460, 91, 8),
    City("AM", "Manaus", 69000, 69099, -3.080, -60.010, 92, 8),
    City("ES", "Vitoria", 29000, 29099, -20.290, -40.310, 27, 5),
    City("MA", "Sao Luis", 65000, 65109, -2.550, -44.250, 98, 6),
    City("PI", "Teresina", 64000, 64099, -5.090, -42.790, 86, 5),
    City("RN", "Natal", 59000, 59139, -5.830, -35.220, 84, 5),
    City("PB", "Joao Pessoa", 58000, 58099, -7.140, -34.870, 83, 5),
    City("AL", "Maceio", 57000, 57099, -9.600, -35.740, 82, 5),
    City("SE", "Aracaju", 49000, 49098, -10.930, -37.080, 79, 4),
    City("MT", "Cuiaba", 78000, 78099, -15.600, -56.090, 65, 4),
    City("MS", "Campo Grande", 79000, 79124, -20.460, -54.610, 67, 5),
    City("TO", "Palmas", 77000, 77270, -10.200, -48.320, 63, 3),
    City("RO", "Porto Velho", 76800, 76834, -8.760, -63.880, 69, 3),
    City("AC", "Rio Branco", 69900, 69924, -9.970, -67.820, 68, 3),
    City("RR", "Boa Vista", 69300, 69339, 2.820, -60.690, 95, 3),
    City("AP", "Macapa", 68900, 68911, 0.040, -51.080, 96, 3),
)


class Places(NamedTuple):
    """One entry a zip code prefix in use. Coordinates are millionths of a degree."""

    zip_code_prefix: pa.StringArray
    city: pa.StringArray
    state: pa.StringArray
    area_code: pa.StringArray
    latitude: np.ndarray
    longitude: np.ndarray


@cache
def all_places() -> Places:
    """Every zip code prefix that a customer, a seller or a geolocation row may have."""
    entries = [(city, _prefix(city, number)) for city in CITIES for number in range(city.prefixes)]
    return Places(
        zip_code_prefix=texts([f"{prefix:05d}" for _, prefix in entries]),
        city=texts([city.name for city, _ in entries]),
        state=texts([city.state for city, _ in entries]),
        area_code=texts([f"{city.area_code:02d}" for city, _ in entries]),
        latitude=np.array([round(city.latitude * 1_000_000) for city, _ in entries]),
        longitude=np.array([round(city.longitude * 1_000_000) for city, _ in entries]),
    )


def _prefix(city: City, number: int) -> int:
    """The prefixes in use, spread evenly over the city's range."""
    return city.first_prefix + number * (city.last_prefix - city.first_prefix + 1) // city.prefixes
