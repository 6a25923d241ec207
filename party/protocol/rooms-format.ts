/**
 * The form in which rooms store their state. It grows when an older program could no longer read what a newer one wrote: a start of
 * the newer one then copies the rooms first, and a start of the older one is refused. New optional fields need no new form.
 */
export const ROOMS_FORMAT = 1;
