"""Small data in the place of what the examples download, the same in every process."""

import os
import tarfile

import numpy as np

TRAINED, TESTED = 200, 60
WORDS = [
    "the",
    "cat",
    "saw",
    "a",
    "dog",
    "and",
    "mary",
    "went",
    "to",
    "kitchen",
    "garden",
    "office",
    "john",
    "took",
    "milk",
    "apple",
    "football",
    "there",
]
PEOPLE, ROOMS, THINGS = ("Mary", "John", "Sandra"), ("kitchen", "garden", "office"), ("milk", "apple", "football")


def pictures(shape, column):
    """``load_data`` of pictures in ten classes."""

    def split(count, seed):
        draw = np.random.RandomState(seed)
        labels = np.arange(count) % 10
        images = draw.randint(0, 128, (count,) + shape)
        images[:, 4:20, 4:20] += (labels * 12).reshape((-1,) + (1,) * len(shape))
        order = draw.permutation(count)
        labels = labels[order].astype("uint8")
        return images[order].astype("uint8"), labels.reshape(-1, 1) if column else labels

    return lambda *args, **kwargs: (split(TRAINED, 1), split(TESTED, 2))


def sequences(classes):
    """``load_data`` of numbered words."""

    def load_data(path=None, num_words=500, *args, **kwargs):
        def split(count, seed):
            draw = np.random.RandomState(seed)
            labels = draw.randint(0, classes, count)
            rows = [[int(word) for word in draw.randint(2, num_words or 500, draw.randint(5, 30))] for _ in labels]
            x = np.empty(count, dtype=object)
            x[:] = rows
            return x, labels

        return split(TRAINED, 3), split(TESTED, 4)

    return load_data


DATASETS = {
    "mnist": pictures((28, 28), False),
    "cifar10": pictures((32, 32, 3), True),
    "imdb": sequences(2),
    "reuters": sequences(46),
}


def sentence(draw, words):
    return " ".join(WORDS[index] for index in draw.randint(0, len(WORDS), words))


def write(folder):
    """Write the files that examples open, into the folder they run in."""
    draw = np.random.RandomState(5)
    text(folder, "nietzsche.txt", ". ".join(sentence(draw, 9) for _ in range(25)))
    # The first lines have every character, and lines of the same length.
    pairs = [f"{sentence(draw, 2)[:9]}\t{sentence(draw, 2)[:11]}" for _ in range(100)]  # as many as cnn_seq2seq decodes
    text(folder, "fra-eng/fra.txt", "\n".join(pairs) + "\n")
    vectors = ["{} {}".format(word, " ".join(f"{value:.3f}" for value in draw.randn(100))) for word in WORDS]
    text(folder, "glove.6B/glove.6B.100d.txt", "\n".join(vectors))
    for group in ("alt.atheism", "sci.space", "rec.autos"):
        for number in range(20):
            text(folder, f"20_newsgroup/{group}/{number}", "head\n\n" + sentence(draw, 60))
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    words = ["".join(draw.choice(letters, draw.randint(2, 5))) for _ in range(1000)]
    text(folder, "words/wordlist_mono_clean.txt", "\n".join(words))
    text(folder, "words/wordlist_bi_clean.txt", "\n".join("{} {}".format(*pair) for pair in zip(words, words[1:])))
    write_stories(folder, draw)
    write_pictures(folder, draw)


def text(folder, name, content):
    path = os.path.join(folder, name)
    if not os.path.isdir(os.path.dirname(path)):
        os.makedirs(os.path.dirname(path))
    with open(path, "w") as file:
        file.write(content)
    return path


def write_stories(folder, draw):
    for place, task in (("en-10k", "qa1_single-supporting-fact"), ("en", "qa2_two-supporting-facts")):
        for part, count in (("train", 60), ("test", 20)):
            lines = [line for _ in range(count) for line in story(draw)]
            text(folder, f"tasks_1-20_v1-2/{place}/{task}_{part}.txt", "\n".join(lines) + "\n")
    with tarfile.open(os.path.join(folder, "babi.tar.gz"), "w:gz") as archive:
        archive.add(os.path.join(folder, "tasks_1-20_v1-2"), "tasks_1-20_v1-2")


def story(draw):
    person, room, thing = (names[draw.randint(3)] for names in (PEOPLE, ROOMS, THINGS))
    return [
        f"1 {person} took the {thing}.",
        f"2 {person} went to the {room}.",
        f"3 Where is the {thing}? \t{room}\t1 2",
    ]


def write_pictures(folder, draw):
    from PIL import Image

    for name, size in (("picture", 160), ("small", 48)):
        values = draw.randint(0, 255, (size // 8, size // 8, 3)).astype("uint8")
        Image.fromarray(values).resize((size, size), Image.BICUBIC).save(os.path.join(folder, name + ".png"))
    mask = np.zeros((48, 48, 3), "uint8")
    mask[:, 20:] = 255
    Image.fromarray(mask).save(os.path.join(folder, "mask.png"))


PLACES = {
    "babi-tasks-v1-2.tar.gz": "babi.tar.gz",
    "nietzsche.txt": "nietzsche.txt",
    "wordlists.tgz": "words/wordlists",
}


def get_file(fname, *args, **kwargs):
    """Return where one of these files is."""
    return os.path.join(os.getcwd(), PLACES[fname])
