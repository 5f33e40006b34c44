"""Policy gradients, Q-learning and actor-critic: training functions made of K.function and updates."""

import numpy as np

from ..registry import case
from ..tools import integers, normal, numbered, one_hot

STATES, RETURNS = normal(10, 4, seed=1), normal(10, seed=2)
ACTIONS = integers(2, 10, seed=3)


def reinforce_loss(K, model):
    action_onehot = K.placeholder(shape=(None, 2), name="action_onehot")
    discount_reward = K.placeholder(shape=(None,), name="discount_reward")
    action_prob = K.sum(model.output * action_onehot, axis=1)
    loss = K.mean(-K.log(action_prob) * discount_reward)
    return action_onehot, discount_reward, loss


def run_reinforce(K, model, optimizer):
    """The body of the well-known gist: placeholders, loss, optimizer.get_updates, K.function with updates."""
    action_onehot, discount_reward, loss = reinforce_loss(K, model)
    updates = optimizer.get_updates(params=model.trainable_weights, loss=loss)
    train_fn = K.function(inputs=[model.input, action_onehot, discount_reward], outputs=[loss], updates=updates)
    losses = [train_fn([STATES, one_hot(ACTIONS, 2), RETURNS])[0] for _ in range(6)]
    arrays = {"losses": np.array(losses)}
    for weight, value in zip(("w1", "b1", "w2", "b2"), model.get_weights()):
        arrays[weight] = value
    return arrays


@case()
def reinforce_with_adam(K, keras, load):
    """REINFORCE, keras.optimizers.Adam() with its defaults."""
    return run_reinforce(K, load("policy"), keras.optimizers.Adam())


@case()
def reinforce_with_adam_lr(K, keras, load):
    """Adam(lr=...), the keyword of those years, with decay and its own betas."""
    return run_reinforce(K, load("policy"), keras.optimizers.Adam(lr=0.01, beta_1=0.5, decay=0.1))


@case()
def reinforce_with_rmsprop(K, keras, load):
    """RMSprop as actor-critic scripts set it: lr, rho and a large epsilon."""
    return run_reinforce(K, load("policy"), keras.optimizers.RMSprop(lr=0.005, rho=0.99, epsilon=0.01))


@case()
def reinforce_with_momentum(K, keras, load):
    """SGD with momentum."""
    return run_reinforce(K, load("policy"), keras.optimizers.SGD(lr=0.1, momentum=0.9))


@case()
def reinforce_with_nesterov(K, keras, load):
    """SGD with Nesterov momentum and clipped gradients, new spelling of the learning rate."""
    optimizer = keras.optimizers.SGD(learning_rate=0.1, momentum=0.9, nesterov=True, clipvalue=0.05)
    return run_reinforce(K, load("policy"), optimizer)


@case()
def reinforce_with_adagrad(K, keras, load):
    """Adagrad, with gradients clipped by their common norm."""
    return run_reinforce(K, load("policy"), keras.optimizers.Adagrad(learning_rate=0.05, clipnorm=0.1))


@case(rows=["function-no-outputs"], keras="2.2.4")
def reinforce_without_outputs(K, keras, load):
    """outputs=[] and updates: the training function of rlcode and many others. Keras 2.2.4 returns []."""
    model = load("policy")
    action_onehot, discount_reward, loss = reinforce_loss(K, model)
    optimizer = keras.optimizers.Adam(lr=0.01)
    updates = optimizer.get_updates(params=model.trainable_weights, loss=loss)
    train = K.function([model.input, action_onehot, discount_reward], [], updates=updates)
    returned = [train([STATES, one_hot(ACTIONS, 2), RETURNS]) for _ in range(3)]
    return {"empty": [value == [] for value in returned], "w1": model.get_weights()[0], "w2": model.get_weights()[2]}


@case()
def reinforce_by_hand_written_updates(K, keras, load):
    """updates=[(p, p - lr * g) ...] without an optimizer, the learning rate a K.variable that decays."""
    model = load("policy")
    action_onehot, discount_reward, loss = reinforce_loss(K, model)
    params = model.trainable_weights
    rate = K.variable(0.1)
    updates = [(p, p - rate * g) for p, g in zip(params, K.gradients(loss, params))]
    updates.append((rate, rate * 0.5))
    train = K.function([model.input, action_onehot, discount_reward], [loss], updates=updates)
    losses = [train([STATES, one_hot(ACTIONS, 2), RETURNS])[0] for _ in range(4)]
    return {"losses": np.array(losses), "w1": model.get_weights()[0], "rate": K.get_value(rate)}


@case()
def dqn_clipped_error(K, keras, load):
    """DQN: an integer placeholder, K.one_hot, the error clipped into a quadratic and a linear part, RMSprop."""
    model = load("dqn")
    a = K.placeholder(shape=(None,), dtype="int32")
    y = K.placeholder(shape=(None,), dtype=K.floatx())
    py_x = model.output
    a_one_hot = K.cast(K.one_hot(a, 3), K.floatx())
    q_value = K.sum(py_x * a_one_hot, axis=1)
    error = K.abs(y - q_value)
    quadratic_part = K.clip(error, 0.0, 1.0)
    linear_part = error - quadratic_part
    loss = K.mean(0.5 * K.square(quadratic_part) + linear_part)
    optimizer = keras.optimizers.RMSprop(lr=0.0025, epsilon=0.01)
    updates = optimizer.get_updates(loss, model.trainable_weights)
    train = K.function([model.input, a, y], [loss], updates=updates)
    losses = [train([STATES, integers(3, 10, seed=4), 2 * RETURNS])[0] for _ in range(5)]
    return {"losses": np.array(losses), "kernel": model.get_weights()[0], "bias": model.get_weights()[-1]}


@case()
def dqn_huber_with_switch(K, keras, load):
    """The other Huber loss: K.switch between two branches, targets from a second network by K.max."""
    model, target = load("dqn"), load("dqn")
    target.set_weights([0.9 * w for w in model.get_weights()])
    reward, done = K.placeholder((None,), name="reward"), K.placeholder((None,), name="done")
    action = K.placeholder((None, 3), name="action")
    goal = reward + 0.99 * (1.0 - done) * K.max(target.output, axis=1)
    error = K.stop_gradient(goal) - K.sum(model.output * action, axis=1)
    loss = K.mean(K.switch(K.abs(error) <= 1.0, 0.5 * K.square(error), K.abs(error) - 0.5))
    grads = K.gradients(loss, model.trainable_weights)
    unreached = K.gradients(loss, target.trainable_weights)
    f = K.function([model.input, target.input, reward, done, action], [loss, goal] + grads)
    done_value = (ACTIONS == 1).astype("float32")
    values = f([STATES, STATES + 0.1, 3 * RETURNS, done_value, one_hot(integers(3, 10, seed=5), 3)])
    arrays = numbered(values)
    arrays["unreached"] = [g is None for g in unreached]
    return arrays


@case()
def soft_target_update(K, keras, load):
    """K.update of every weight of a target network towards the trained one."""
    model, target = load("actor"), load("actor")
    target.set_weights([np.zeros_like(w) for w in target.get_weights()])
    tau = 0.125
    updates = [K.update(t, tau * w + (1 - tau) * t) for t, w in zip(target.weights, model.weights)]
    run = K.function([], [K.constant(1.0)], updates=updates)
    for _ in range(3):
        run([])
    return numbered(target.get_weights(), "w")


@case()
def actor_critic_two_functions(K, keras, load):
    """A3C of rlcode: the actor with advantages and entropy, the critic with its own optimizer and function."""
    model = load("actor_critic")
    policy, value = model.outputs
    state = model.input
    action = K.placeholder(shape=[None, 3])
    advantages = K.placeholder(shape=[None])
    good_prob = K.sum(action * policy, axis=1)
    eligibility = K.log(good_prob + 1e-10) * K.stop_gradient(advantages)
    entropy = K.sum(policy * K.log(policy + 1e-10), axis=1)
    actor_loss = -K.sum(eligibility) + 0.01 * K.sum(entropy)
    weights = model.get_layer("shared").trainable_weights + model.get_layer("policy").trainable_weights
    actor_updates = keras.optimizers.Adam(lr=0.01).get_updates(params=weights, loss=actor_loss)
    train_actor = K.function([state, action, advantages], [actor_loss], updates=actor_updates)
    discounted = K.placeholder(shape=(None,))
    critic_loss = K.mean(K.square(discounted - value))
    critic_params = model.get_layer("value").trainable_weights
    critic_updates = keras.optimizers.RMSprop(lr=0.01).get_updates(params=critic_params, loss=critic_loss)
    train_critic = K.function([state, discounted], [critic_loss], updates=critic_updates)
    history = []
    for _ in range(3):
        values = model.predict(STATES)[1].reshape(-1)
        actor_value = train_actor([STATES, one_hot(integers(3, 10, seed=6), 3), RETURNS - values])[0]
        history.append([actor_value, train_critic([STATES, RETURNS])[0]])
    return {"losses": np.array(history), "policy": model.predict(STATES)[0], "kernel": model.get_weights()[0]}


@case()
def ppo_clipped_objective(K, keras, load):
    """PPO: probability ratio, K.minimum of the plain and the clipped surrogate, entropy bonus, several epochs."""
    model = load("actor_critic")
    policy = model.outputs[0]
    old = K.placeholder((None, 3), name="old")
    action = K.placeholder((None, 3), name="action")
    advantage = K.placeholder((None, 1), name="advantage")
    prob, old_prob = K.sum(action * policy, axis=-1), K.sum(action * old, axis=-1)
    ratio = prob / (old_prob + 1e-10)
    adv = K.squeeze(advantage, axis=1)
    clipped = K.clip(ratio, min_value=1 - 0.2, max_value=1 + 0.2) * adv
    loss = -K.mean(K.minimum(ratio * adv, clipped) + 5e-3 * -(prob * K.log(prob + 1e-10)))
    params = model.trainable_weights[:4]
    updates = keras.optimizers.Adam(lr=0.02).get_updates(loss=loss, params=params)
    train = K.function([model.input, old, action, advantage], [loss, K.mean(ratio)], updates=updates)
    feed = [STATES, model.predict(STATES)[0], one_hot(integers(3, 10, seed=7), 3), RETURNS[:, np.newaxis]]
    return {"history": np.array([train(feed) for _ in range(5)]), "kernel": model.get_weights()[0]}


@case()
def ddpg_actor_step(K, keras, load):
    """DDPG: dQ/da from the critic, fed as a placeholder into the actor's weighted gradient."""
    actor, critic = load("actor"), load("q_net")
    action_gradient = K.function(critic.inputs, K.gradients(critic.output, [critic.inputs[1]]))
    weights = K.placeholder(shape=(None, 2), name="dq_da")
    loss = K.mean(-weights * actor.output)
    updates = keras.optimizers.Adam(lr=1e-2).get_updates(params=actor.trainable_weights, loss=loss)
    train = K.function([actor.input, weights], [loss], updates=updates)
    losses = []
    for _ in range(3):
        dq_da = action_gradient([STATES, actor.predict(STATES)])[0]
        losses.append(train([STATES, dq_da])[0])
    return {"losses": np.array(losses), "actions": actor.predict(STATES)}


@case()
def ddpg_through_the_critic(K, keras, load):
    """The joined form: the critic called on the actor's output, gradients through both."""
    actor, critic = load("actor"), load("q_net")
    q = critic([actor.input, actor.output])
    loss = -K.mean(q)
    grads = K.gradients(loss, actor.trainable_weights)
    values = K.function([actor.input], [loss] + grads)([STATES])
    return numbered(values)


@case()
def gaussian_policy_with_trained_deviation(K, keras, load):
    """A continuous policy: the log deviation is a K.variable among the trained parameters."""
    model = load("actor")
    log_std = K.variable(np.zeros(2), name="log_std")
    action = K.placeholder((None, 2), name="action")
    ret = K.placeholder((None,), name="ret")
    var = K.exp(2 * log_std)
    log_prob = -K.square(action - model.output) / (2 * var) - log_std - 0.5 * K.log(K.constant(2 * np.pi))
    loss = -K.mean(K.sum(log_prob, axis=1) * ret)
    params = model.trainable_weights + [log_std]
    updates = keras.optimizers.Adam(lr=0.05).get_updates(params=params, loss=loss)
    train = K.function([model.input, action, ret], [loss], updates=updates)
    losses = [train([STATES, normal(10, 2, seed=8), RETURNS])[0] for _ in range(4)]
    return {"losses": np.array(losses), "log_std": K.get_value(log_std), "kernel": model.get_weights()[0]}


@case()
def natural_gradient_direction(K, keras, load):
    """TRPO's pieces: KL to a frozen copy, Fisher-vector products by differentiating twice, flat gradients."""
    model = load("policy")
    params = model.trainable_weights
    frozen = K.stop_gradient(model.output)
    kl = K.mean(K.sum(frozen * K.log(frozen / (model.output + 1e-10) + 1e-10), axis=1))
    shapes = [K.int_shape(p) for p in params]
    size = int(sum(np.prod(shape) for shape in shapes))
    tangent = K.placeholder((size,), name="tangent")
    products, start = [], 0
    for shape, g in zip(shapes, K.gradients(kl, params)):
        count = int(np.prod(shape))
        products.append(K.sum(g * K.reshape(tangent[start : start + count], shape)))
        start += count
    fisher = K.gradients(K.sum(K.stack(products)), params)
    flat = K.concatenate([K.flatten(g) for g in fisher], axis=0)
    return {"product": K.function([model.input, tangent], [flat])([STATES, normal(size, seed=9)])[0]}


@case()
def optimizer_counts_its_iterations(K, keras, load):
    """The optimizer's own state after a training function ran: iterations, and the learning rate set meanwhile."""
    model = load("policy")
    action_onehot, discount_reward, loss = reinforce_loss(K, model)
    optimizer = keras.optimizers.SGD(learning_rate=0.5)
    updates = optimizer.get_updates(params=model.trainable_weights, loss=loss)
    train = K.function([model.input, action_onehot, discount_reward], [loss], updates=updates)
    feed = [STATES, one_hot(ACTIONS, 2), RETURNS]
    train(feed)
    K.set_value(optimizer.learning_rate, 0.0)
    before = model.get_weights()[0]
    train(feed)
    return {
        "iterations": int(K.get_value(optimizer.iterations)),
        "unmoved": np.array_equal(before, model.get_weights()[0]),
        "kernel": before,
    }


@case()
def double_dqn_with_target_copies(K, keras, load):
    """Double DQN: the online network chooses, the target network rates, and is a copy by set_weights now and then."""
    model, target = load("dqn"), load("dqn")
    action, goal = K.placeholder((None, 3), name="action"), K.placeholder((None,), name="goal")
    q_value = K.sum(model.output * action, axis=1)
    loss = K.mean(K.square(goal - q_value))
    updates = keras.optimizers.SGD(lr=0.05).get_updates(loss=loss, params=model.trainable_weights)
    train = K.function([model.input, action, goal], [loss], updates=updates)
    chosen = K.function([model.input], [K.argmax(model.output, axis=1)])
    rated = K.function([target.input], [target.output])
    losses, following = [], normal(10, 4, seed=10)
    for step in range(4):
        best = rated([following])[0][np.arange(10), chosen([following])[0]]
        losses.append(train([STATES, one_hot(integers(3, 10, seed=11), 3), RETURNS + 0.9 * best])[0])
        if step % 2:
            target.set_weights(model.get_weights())
    return {"losses": np.array(losses), "rated": rated([STATES])[0]}
