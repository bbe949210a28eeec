/** The query of a page as Next hands it over. */
export type SearchParams = Promise<Record<string, string | string[] | undefined>>;

/** One value of the query; a parameter that is given twice counts as not given. */
export async function searchValue(params: SearchParams, name: string): Promise<string | undefined> {
  const value = (await params)[name];
  return typeof value === 'string' ? value : undefined;
}
