/**
 * Written by `livestorm-calendar manifest`; the one in the repository is for the sandbox.
 * Origin of the Livestorm Calendar server, without a slash at the end.
 */
const BASE_URL = 'http://127.0.0.1:8080';
