/** characters; the api asks for the same */
export const PASSWORD_MIN = 10;
export const PASSWORD_HELP = `At least ${PASSWORD_MIN} characters. A few unrelated words are easy to keep.`;
