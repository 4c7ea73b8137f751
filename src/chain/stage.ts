/** What a stage is, how stages become a chain that only compiles in the right order, and how each is observed. */
import { type Denial, isDenial } from '../denial.ts';

/** What a step gives: a richer exchange or a denial, at once or later. */
export type Result<Out> = Out | Denial | Promise<Out | Denial>;

/**
 * One step of the chain: an exchange in, a richer exchange or a denial out. It knows no framework, and no span, metric or log.
 * `run` is a property, not a method: method parameters are bivariant, and a wrong order would compile.
 */
export type Stage<In extends object, Out extends object> = {
  readonly name: StageName;
  readonly run: (exchange: In) => Result<Out>;
};

export type StageName = 'route' | 'credential' | 'introspection' | 'scope' | 'policy' | 'forward';

/** Watches one request: it runs each step, and may time and trace it. It returns what the step gives, untouched. */
export type Observer = {
  readonly stage: <Out extends object>(name: StageName, run: () => Result<Out>) => Result<Out>;
};

/** A step, or several in a row, under observation. */
export type Observed<In extends object, Out extends object> = (
  exchange: In,
  observer: Observer,
) => Result<Out>;

/** The stage as the observer sees it. Composition calls this, so that no stage has to. */
export const observe =
  <In extends object, Out extends object>(stage: Stage<In, Out>): Observed<In, Out> =>
  (exchange, observer) =>
    observer.stage(stage.name, () => stage.run(exchange));

/** One step after another; the first denial ends it. Without a promise on the way, nothing is awaited. */
export const andThen =
  <A extends object, B extends object, C extends object>(
    first: Observed<A, B>,
    next: Observed<B, C>,
  ): Observed<A, C> =>
  (exchange, observer) => {
    const proceed = (reached: B | Denial): Result<C> =>
      isDenial(reached) ? reached : next(reached, observer);
    const reached = first(exchange, observer);
    return reached instanceof Promise ? reached.then(proceed) : proceed(reached);
  };

/** Five stages in their order: each takes what the one before it gives, or it does not compile. */
export const inOrder = <
  A extends object,
  B extends object,
  C extends object,
  D extends object,
  E extends object,
  F extends object,
>(
  first: Stage<A, B>,
  second: Stage<B, C>,
  third: Stage<C, D>,
  fourth: Stage<D, E>,
  fifth: Stage<E, F>,
): Observed<A, F> =>
  andThen(
    andThen(andThen(andThen(observe(first), observe(second)), observe(third)), observe(fourth)),
    observe(fifth),
  );
