// How often a model's answers with such a margin were right: the calibration of its report, by model id.
// scripts/dashboard.mjs writes the tables into the page from models/*/reports/calibration.json.

/**
 * The share of right answers among those with such a margin on the model's validation part; null for a model that this
 * page has no table of.
 * @param tables model id -> ascending `[margin from, hit rate]`
 */
export function expectedHitRate(tables, modelId, margin) {
  const table = tables[modelId];
  if (!table) return null;
  const size = Number(margin);
  const row = table.findLast(([from]) => from <= size) ?? table[0];
  return row[1];
}
