/**
 * One execution of one Apps Script function, in a worker of its own: like at Google every
 * execution starts from nothing, and its synchronous requests freeze nobody.
 *
 * Takes one message `{scripts, settings, functionName, argument}` and answers with
 * `{result}` (plain data) or `{error}` (text).
 */
/* global AppsScriptSandbox */

self.onmessage = (message) => {
  const { scripts, settings, functionName, argument } = message.data;
  try {
    importScripts(...scripts);
    AppsScriptSandbox.configure(settings);
    const run = self[functionName];
    if (typeof run !== 'function') {
      throw new Error(`Script function not found: ${functionName}`);
    }
    const value = argument === undefined ? run() : run(argument);
    self.postMessage({ result: AppsScriptSandbox.plain(value) ?? null });
  } catch (failure) {
    self.postMessage({ error: `${failure.name}: ${failure.message}` });
  }
};
