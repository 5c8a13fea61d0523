/** The lane that every dataset, and every model that says no other, runs in. */
export const mainLane = 'main';
