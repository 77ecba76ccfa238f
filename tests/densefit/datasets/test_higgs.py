"""The stand-in overlaps as it says, and the real file's rows go where they belong."""

import gzip

import numpy as np
import pytest

from densefit.datasets import higgs


def test_the_made_up_data_have_the_form_of_the_real_ones() -> None:
    (x, y), (x_test, y_test) = higgs.make_data(2000, 500)
    assert x.shape == (2000, 28)
    assert x_test.shape == (500, 28)
    assert (x.dtype, y.dtype) == (np.float32, np.int64)
    assert set(y) == set(y_test) == {0, 1}
    assert 0.4 < y.mean() < 0.6
    assert abs(x.mean()) < 0.02
    assert abs(x.std() - 1) < 0.02


def test_the_seed_draws_the_samples_and_the_law_stays() -> None:
    (x, y), _ = higgs.make_data(50, 1, seed=1)
    np.testing.assert_array_equal(x, higgs.make_data(50, 1, seed=1)[0][0])
    assert not np.array_equal(x, higgs.make_data(50, 1, seed=2)[0][0])
    # A rule learned from one seed's samples holds for another's: linear least squares will do.
    (x, y), _ = higgs.make_data(4000, 1, seed=1)
    (x_other, y_other), _ = higgs.make_data(4000, 1, seed=2)
    w = np.linalg.lstsq(x, 2 * y - 1.0, rcond=None)[0]
    assert 0.75 < ((x_other @ w > 0) == y_other).mean() < 0.85


@pytest.mark.parametrize("name", ["HIGGS.csv", "HIGGS.csv.gz"])
def test_the_first_rows_of_the_file_test_and_the_next_train(tmp_path, name) -> None:
    rows = "".join(f"{i % 2}.0e+00,{','.join([str(i + 0.5)] * 28)}\n" for i in range(8))
    path = tmp_path / name
    path.write_bytes(gzip.compress(rows.encode()) if name.endswith("gz") else rows.encode())
    (x, y), (x_test, y_test) = higgs.load_data(path, n_train=4, n_test=3)
    np.testing.assert_array_equal(x_test[:, 0], [0.5, 1.5, 2.5])
    np.testing.assert_array_equal(y_test, [0, 1, 0])
    np.testing.assert_array_equal(x[:, 27], [3.5, 4.5, 5.5, 6.5])
    np.testing.assert_array_equal(y, [1, 0, 1, 0])
    with pytest.raises(ValueError, match=r"must have 11 rows .* got 8 rows of"):
        higgs.load_data(path, n_train=8, n_test=3)


def test_errors_name_what_is_missing(tmp_path) -> None:
    with pytest.raises(FileNotFoundError, match=r"none.csv was not found: download HIGGS"):
        higgs.load_data(tmp_path / "none.csv")
    (tmp_path / "short.csv").write_text("1.0,2.0\n" * 2)
    with pytest.raises(ValueError, match=r"2 rows of a label and 28 numbers.* of \[2\] numbers"):
        higgs.load_data(tmp_path / "short.csv", 1, 1)
    with pytest.raises(ValueError, match="n_test must be at least 1"):
        higgs.make_data(5, 0)
