/** Takes secrets out of lines of a log before a browser shows them. The logs hold none by design; this is for the day one slips in. */

const CUT = "[cut]";

const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/\batk_[0-9a-f]{12}_[\w-]+/g, `atk_${CUT}`],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]{8,}/gi, `$1 ${CUT}`],
  [/([?&#](?:invite|token|ticket|code|state|key|secret)=)[^&\s"'#]+/gi, `$1${CUT}`],
  [/(\/(?:reset|confirm-email)#)[\w-]+/g, `$1${CUT}`],
  [/\b([a-z][a-z0-9+.-]*:\/\/)[^/\s:@"']*:[^/\s@"']+@/gi, `$1${CUT}@`],
  [/\b(atrium_(?:session|browser)=)[\w.-]+/g, `$1${CUT}`],
  [/\b(sk-(?:ant-)?|AIza|ghp_|xox[abp]-)[\w-]{8,}/g, `$1${CUT}`],
  [/("(?:password|currentPassword|token|secret|key|cookie|authorization)"\s*:\s*")(?:[^"\\]|\\.)*"/gi, `$1${CUT}"`],
];

export function redact(line: string): string {
  return PATTERNS.reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), line);
}
