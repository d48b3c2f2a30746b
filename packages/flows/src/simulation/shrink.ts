/**
 * The fewest of some things that still fail together: without any one of those that are left, it does not (delta debugging,
 * after Zeller and Hildebrandt). `fails` is asked at most `attempts` times; then what has been found so far is the answer.
 */
export async function shrink<Thing>(
  things: readonly Thing[],
  fails: (fewer: readonly Thing[]) => Promise<boolean>,
  attempts = Infinity,
): Promise<readonly Thing[]> {
  let left = things;
  let asked = 0;
  for (let parts = 1; left.length > 0 && asked < attempts;) {
    const size = Math.ceil(left.length / parts);
    let isFewer = false;
    for (let start = 0; start < left.length && asked < attempts;) {
      const fewer = [...left.slice(0, start), ...left.slice(start + size)];
      asked += 1;
      if (await fails(fewer)) {
        left = fewer;
        isFewer = true;
      } else start += size;
    }
    if (size === 1 && !isFewer) break;
    parts = size === 1 ? left.length : Math.min(2 * parts, left.length);
  }
  return left;
}
