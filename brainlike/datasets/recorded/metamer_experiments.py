"""How well people recognise metamers of deep networks: the experiments of Feather et al. (2023).

Each network's metamers were made from natural images or sounds, stage by stage. People named the
category of the image, or the word that they heard; so did the network, for the same metamers.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import scipy.io

from brainlike._validate import check_array
from brainlike.datasets.recorded._stand_ins import explain_strict, read_or_simulate
from brainlike.datasets.recorded.registry import dataset_entry

_FILE_NAME = re.compile(
    r"(Vision|Audio)Experiment(\d+)_network_vs_humans_datamatrix_(.+)_public\.mat"
)

# The rest is for the stand-in: stages by the first of these words that is in a network's name.
_RESNET = "conv1_relu1 layer1 layer2 layer3 layer4 avgpool final"
_STAGES = {
    "cochresnet50": f"input_after_preproc {_RESNET}",
    "kell2018": "input_after_preproc relu0 relu1 relu2 relu3 relu4 avgpool relufc final",
    "spectemp": "input_after_preproc filtered_signal spectempfilter_power avgpool final",
    "ViT-B_32": "conv1 class_embedding_cat ln_pre block_0 block_3 block_6 block_9 blocks_end final",
    "CLIP_resnet50": "stem layer1 layer2 layer3 layer4 attnpool final",
    "resnext101": _RESNET.replace("avgpool", "globalpool"),
    "resnet": _RESNET,
    "vit_large": "patch_embed pos_embed block_0 block_6 block_12 block_18 blocks_end final",
    "konkle": "conv_block_1 conv_block_2 conv_block_3 conv_block_4 conv_block_5 avgpool fc6 fc7 "
    "final",
    "vonealexnet": "v1_output relu1 relu2 relu3 relu4 fc0_relu fc1_relu final",
    "alexnet": "relu0 relu1 relu2 relu3 relu4 fc0_relu fc1_relu final",
    "cornet": "V1 V2 V4 IT final",
    "vgg": "conv_relu_0_1 conv_relu_1_1 conv_relu_2_3 conv_relu_3_3 conv_relu_4_3 avgpool "
    "fc_relu_0 fc_relu_1 final",
    "hmax": "s1_out c1_out_no_reshape s2_out_reshape_to_list c2_out final",
}
_N_PARTICIPANTS = {("vision", n): 21 for n in (5, 10, 12)} | {
    ("vision", 1): 22,
    ("vision", 16): 23,
}  # 20 in all other experiments


@dataclass(frozen=True, eq=False)
class MetamerRecognition:
    """Recognition of one network's metamers in one experiment.

    Attributes
    ----------
    network : str
        The authors' name, such as ``"resnet50_l2_3_robust"``.
    modality : {"vision", "audio"}
        What was recognised: which of 16 categories an image shows, or which word was spoken.
    experiment : int
        The authors' number; counted apart for vision and audio.
    stages : tuple of str
        ``"natural"``, then the network's stages from early to late.
    human_accuracy : (n_participants, n_stages) array
        Proportion correct of each participant for metamers of each stage, and for the natural
        stimuli. Networks of one experiment share their participants.
    network_accuracy : (n_participants, n_stages) array
        Proportion correct of the network itself, for the stimuli that each participant was given.
    """

    network: str
    modality: str
    experiment: int
    stages: tuple[str, ...]
    human_accuracy: np.ndarray = field(repr=False)
    network_accuracy: np.ndarray = field(repr=False)

    def __len__(self) -> int:
        return len(self.human_accuracy)

    def column(self, stage: str) -> int:
        """Return the column of a stage, or say which stages there are."""
        if stage not in self.stages:
            raise ValueError(f"{self.network} has no stage {stage!r}; it has: {self.stages}")
        return self.stages.index(stage)


@dataclass(frozen=True, eq=False)
class MetamerExperiments:
    """All experiments: one table a network and experiment.

    Attributes
    ----------
    tables : tuple of MetamerRecognition
        59 of them, 35 of vision and 24 of audio.
    source, citation : str
        ``"real"`` or ``"simulated"``, and the key in the book's bibliography.
    """

    tables: tuple[MetamerRecognition, ...] = field(repr=False)
    source: str = "real"
    citation: str = "feather2023"

    def __len__(self) -> int:
        return len(self.tables)

    def find(self, network: str, experiment: int) -> MetamerRecognition:
        """Return the table of one network in one experiment, or say which there are."""
        for table in self.tables:
            if (table.network, table.experiment) == (network, experiment):
                return table
        own = [str(table.experiment) for table in self.tables if table.network == network]
        if own:
            raise ValueError(f"{network} is in experiments {', '.join(own)}; not in {experiment}")
        names = sorted({table.network for table in self.tables})
        raise ValueError(f"there is no network {network!r}; there are:\n  " + "\n  ".join(names))


@explain_strict
def load_metamers(*, strict: bool = False) -> MetamerExperiments:
    """Return how well people, and the networks themselves, recognise model metamers.

    Returns
    -------
    MetamerExperiments

    References
    ----------
    Feather, Leclerc, Mądry and McDermott (2023), Model metamers reveal divergent invariances
    between biological and artificial neural networks, Nature Neuroscience 26.
    """
    return read_or_simulate("metamers", _file_names(), _read, simulate_metamers, strict=strict)


def simulate_metamers(seed: int = 0) -> MetamerExperiments:
    """Return a stand-in: the same networks, stages and numbers of people; invented answers.

    For every network alike, human accuracy falls in a straight line, from 0.9 for natural stimuli
    to chance for the last stage, while the network's own stays at 0.95. Answers are drawn from
    binomial distributions. Nothing in it is a finding.

    Parameters
    ----------
    seed : int, optional

    Returns
    -------
    MetamerExperiments
    """
    rng = np.random.default_rng(seed)
    tables = []
    for name in _file_names():
        modality, experiment, network = _parse(name)
        stages = next(stages for word, stages in _STAGES.items() if word in network)
        stages = ("natural", *stages.split())
        n_trials, chance = (11, 1 / 16) if modality == "vision" else (22, 0)
        shape = (_N_PARTICIPANTS.get((modality, experiment), 20), len(stages))
        human = rng.binomial(n_trials, np.linspace(0.9, chance, len(stages)), shape) / n_trials
        own = rng.binomial(n_trials, 0.95, shape) / n_trials
        tables.append(MetamerRecognition(network, modality, experiment, stages, human, own))
    return MetamerExperiments(tuple(tables), source="simulated")


def _file_names() -> list[str]:
    return [file.path for file in dataset_entry("metamers").files]


def _parse(name: str) -> tuple[str, int, str]:
    """Return modality, experiment and network of a file."""
    modality, experiment, network = _FILE_NAME.fullmatch(name).groups()
    return modality.lower(), int(experiment), network


def _read(*paths: Path) -> MetamerExperiments:
    return MetamerExperiments(tuple(_read_table(path) for path in paths))


def _read_table(path: Path) -> MetamerRecognition:
    modality, experiment, network = _parse(path.name)
    content = scipy.io.loadmat(path)
    axes, people_and_network, stages = (
        tuple(word.strip() for word in content[key])
        for key in ("axis_order", "conditions", "model_layers")
    )
    if axes != ("participants", "model_layers", "conditions"):
        raise ValueError(f"{path.name} has axes {axes}")
    if people_and_network != ("Human", "Network"):
        raise ValueError(f"{path.name} has conditions {people_and_network}")
    shape = ("n_participants", len(stages), 2)
    correct = check_array(
        "participant_data_matrix", content["participant_data_matrix"], shape=shape
    )
    if correct.min() < 0 or correct.max() > 1:
        raise ValueError(f"{path.name} has proportions outside [0, 1]")
    return MetamerRecognition(
        network=network,
        modality=modality,
        experiment=experiment,
        stages=tuple(_plain(stage) for stage in stages),
        human_accuracy=np.ascontiguousarray(correct[:, :, 0]),
        network_accuracy=np.ascontiguousarray(correct[:, :, 1]),
    )


def _plain(stage: str) -> str:
    """Return a stage's name without the mark of the rectification's stand-in gradient."""
    if stage.startswith("natural_"):
        return "natural"
    return re.sub(r"_fake_?relu$", "", stage)
