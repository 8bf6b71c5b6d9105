/** Keys that a lax client or server would rename: each must come back byte for byte as it went in. */
export const oddKeys = {
  "space-plus-umlaut": "ü b+c",
  "percent-escape": "%41",
  "dot-segments": "a//b/../c",
  "leading-slash": "/leading/slash",
  emoji: "emoji 🗝️/👩‍👩‍👧",
  "query-characters": "a#b?c&d=e;f",
  "header-characters": "quo'te\"(x)*!~$@:,",
} as const;
