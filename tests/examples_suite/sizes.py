"""How each example is made small: the literals that are replaced as its source is compiled, and its arguments.

A name stands for the value assigned to it, given for the parameter or the keyword of that name; a number stands for
itself, wherever it is written.
"""

EXAMPLES = {
    "addition_rnn": {"TRAINING_SIZE": 400, 200: 3},
    "antirectifier": {"epochs": 2, "batch_size": 32, 60000: 200, 10000: 60},
    "babi_memnn": {"epochs": 2},
    "babi_rnn": {"EPOCHS": 2},
    "cifar10_cnn": {"epochs": 2},
    "cifar10_resnet": {"epochs": 2},
    "class_activation_maps": {},
    "cnn_seq2seq": {"epochs": 2},
    "conv_filter_visualization": {"epochs": 2, "upscaling_steps": 1, "output_dim": (48, 48), "filter_range": (0, 4)},
    "conv_lstm": {"n_samples": 14, 1000: 10, "epochs": 1, 1004: 12, 40: 8, 60: 28},
    "deep_dream": {"iterations": 2},
    "image_ocr": {16000: 320, 32000: 640, "rnn_size": 16, 20: 2, 25: 3, 256: 32, 512: 192},
    "imdb_bidirectional_lstm": {"max_features": 500, "epochs": 2},
    "imdb_cnn": {"max_features": 500},
    "imdb_cnn_lstm": {"max_features": 500},
    "imdb_fasttext": {"max_features": 500, "epochs": 2},
    "imdb_lstm": {"max_features": 500, "epochs": 2},
    "lstm_seq2seq": {"epochs": 2, "latent_dim": 32, 100: 3},
    "lstm_seq2seq_restore": {"latent_dim": 32, 100: 3},
    "lstm_stateful": {"input_len": 50, "epochs": 2},
    "lstm_text_generation": {"epochs": 2, 400: 10},
    "mnist_acgan": {"epochs": 1, "batch_size": 20, 40: 4},
    "mnist_cnn": {"epochs": 2},
    "mnist_denoising_autoencoder": {"epochs": 2, "batch_size": 32, 10: 2, 30: 6},
    "mnist_hierarchical_rnn": {"epochs": 2},
    "mnist_irnn": {"epochs": 1},
    "mnist_mlp": {"epochs": 2, 60000: 200, 10000: 60},
    "mnist_net2net": {"epochs": 1},
    "mnist_siamese": {"epochs": 2},
    "mnist_sklearn_wrapper": {},
    "mnist_swwae": {"epochs": 1},
    "mnist_transfer_cnn": {"epochs": 2},
    "neural_doodle": {"num_iterations": 1},
    "neural_style_transfer": {"img_nrows": 48},
    "pretrained_word_embeddings": {"epochs": 2},
    "reuters_mlp": {"epochs": 2},
    "reuters_mlp_relu_vs_selu": {"epochs": 2},
    "variational_autoencoder": {"epochs": 2, 30: 2},
    "variational_autoencoder_deconv": {"epochs": 1, 30: 2},
}
ARGUMENTS = {
    "class_activation_maps": ["picture.png"],
    "deep_dream": ["picture.png", "dream"],
    "neural_doodle": [
        "--nlabels",
        "2",
        "--style-image",
        "small.png",
        "--style-mask",
        "mask.png",
        "--target-mask",
        "mask.png",
        "--content-image",
        "small.png",
        "--target-image-prefix",
        "doodle",
    ],
    "neural_style_transfer": ["small.png", "mask.png", "styled", "--iter", "1"],
}
# What an example reads of what another has written, in the same folder.
AFTER = {"lstm_seq2seq_restore": "lstm_seq2seq"}
