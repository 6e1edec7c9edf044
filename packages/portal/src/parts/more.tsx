// The end of a list that comes in pages: that there is more, and how it comes. A filter looks into what is loaded, and says so.

type List = { readonly hasNextPage: boolean; readonly isFetchingNextPage: boolean; fetchNextPage(): Promise<unknown> };

export function More({ list, what }: { readonly list: List; readonly what: string }) {
  if (!list.hasNextPage) return null;
  return (
    <p className="tools">
      <button type="button" disabled={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
        Load more {what}
      </button>
      <span>There are more; filter and order are over those that are loaded.</span>
    </p>
  );
}
