// Hooks that load data and run actions.

import { useCallback, useEffect, useRef, useState } from "./vendor/preact.js";
import { pageOf } from "./api.js";

// Loads data when the keys change. Returns {data, error, loading, reload, setData}. Data stays while it is reloaded.
export function useLoad(load, keys = []) {
  const [state, setState] = useState({ data: null, error: null, loading: true });
  const latest = useRef(0); // an answer that arrives after a newer request is dropped
  const reload = useCallback(async () => {
    const number = (latest.current += 1);
    const finish = (result) => number === latest.current && setState((old) => ({ ...old, loading: false, ...result }));
    setState((old) => ({ ...old, loading: true }));
    await load().then((data) => finish({ data, error: null }), (error) => finish({ error }));
  }, keys);
  useEffect(() => {
    setState({ data: null, error: null, loading: true });
    reload();
    return () => { latest.current += 1; };
  }, [reload]);
  const setData = (data) => setState((old) => ({ ...old, data: typeof data === "function" ? data(old.data) : data }));
  return { ...state, reload, setData };
}

// Loads a list page by page. Returns {data, error, loading, reload, more}; `more` is null at the end of the list.
export function useList(path) {
  const list = useLoad(() => pageOf(path), [path]);
  const { run, busy, error } = useAction(async () => {
    const { rows, next } = await pageOf(list.data.next);
    list.setData((old) => ({ rows: [...old.rows, ...rows], next }));
  });
  return {
    data: list.data?.rows ?? null,
    error: list.error ?? error,
    loading: list.loading,
    loadingMore: busy,
    reload: list.reload,
    more: list.data?.next ? run : null,
  };
}

// Runs an action at most once at a time. Returns {run, busy, error, clear}; `run` resolves to the action's result, or
// to undefined after an error.
export function useAction(action) {
  const [state, setState] = useState({ busy: false, error: null });
  const busy = useRef(false);
  const run = async (...given) => {
    if (busy.current) return undefined;
    busy.current = true;
    setState({ busy: true, error: null });
    try {
      const result = await action(...given);
      setState({ busy: false, error: null });
      return result;
    } catch (error) {
      setState({ busy: false, error });
      return undefined;
    } finally {
      busy.current = false;
    }
  };
  return { ...state, run, clear: () => setState((old) => ({ ...old, error: null })) };
}
