/**
 * How a function's SDK clients wait: the SDK by itself waits for ever, until Lambda's timeout takes the whole batch. Four tries
 * of ten seconds at most leave a function of a minute time to say what failed.
 */
export const clientSettings = {
  maxAttempts: 4,
  requestHandler: { connectionTimeout: 2_000, requestTimeout: 10_000, throwOnRequestTimeout: true },
};

/**
 * For a function that makes five such calls one after the other, and is asked again a second later anyhow: in a minute each of them
 * must have failed, so that what was found out before it is not lost.
 */
export const hastyClientSettings = {
  maxAttempts: 2,
  requestHandler: { ...clientSettings.requestHandler, requestTimeout: 4_000 },
};
