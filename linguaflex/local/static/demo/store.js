// A value that components watch.

import { useEffect, useState } from "./vendor/preact.js";

export function createStore(value) {
  const watchers = new Set();
  return {
    get: () => value,
    set(next) {
      value = next;
      for (const watch of [...watchers]) watch(value);
    },
    update(changes) {
      this.set({ ...value, ...changes });
    },
    subscribe(watch) {
      watchers.add(watch);
      return () => watchers.delete(watch);
    },
  };
}

export function useStore(store) {
  const [value, setValue] = useState(store.get());
  useEffect(() => {
    setValue(store.get()); // it may have changed between the drawing and this effect
    return store.subscribe(setValue);
  }, [store]);
  return value;
}
