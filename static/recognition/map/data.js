// The points of a feature map as typed arrays, and the groups by which they are coloured.
window.featureMap = window.featureMap || {};
window.featureMap.data = (() => {
  // As in recognition/feature_map_drawing.py; beyond these, groups are told apart by the list alone.
  const LIGHT = [
    "#0d9488", "#ea580c", "#6d28d9", "#ca8a04", "#2563eb", "#dc2626", "#65a30d", "#db2777",
    "#0891b2", "#92400e", "#7c3aed", "#15803d", "#f472b6", "#475569", "#b45309", "#0ea5e9",
    "#a3e635", "#be123c", "#c084fc", "#134e4a",
  ];
  const DARK = [
    "#2dd4bf", "#fb923c", "#a78bfa", "#facc15", "#60a5fa", "#f87171", "#a3e635", "#f472b6",
    "#22d3ee", "#d6a375", "#c4b5fd", "#4ade80", "#f9a8d4", "#94a3b8", "#fbbf24", "#38bdf8",
    "#d9f99d", "#fda4af", "#e9d5ff", "#5eead4",
  ];
  const dark = () => document.documentElement.classList.contains("dark");
  const quiet = () => (dark() ? "#6b7280" : "#9ca3af");

  function unpack(text, Kind) {
    const raw = atob(text);
    const bytes = new Uint8Array(raw.length);
    for (let at = 0; at < raw.length; at += 1) bytes[at] = raw.charCodeAt(at);
    return new Kind(bytes.buffer);
  }

  function decode(answer) {
    const { points, products } = answer;
    return {
      x: unpack(points.x, Float32Array),
      y: unpack(points.y, Float32Array),
      image: unpack(points.image, Int32Array),
      product: unpack(points.product, Int32Array),
      first: unpack(points.first, Int8Array),
      id: products.id,
      sku: products.sku,
      name: products.name,
      brandOf: unpack(products.brand, Int32Array),
      categoryOf: unpack(products.category, Int32Array),
      brands: answer.brands,
      categories: answer.categories,
      gone: answer.gone,
      count: answer.points ? unpack(points.first, Int8Array).length : 0,
    };
  }

  // What each point belongs to: a name, and how it is told apart from others.
  function memberOf(data, by, texts, stocked) {
    const path = (point) => data.categories[data.categoryOf[data.product[point]]] || texts.none;
    if (by === "category") return path;
    if (by === "brand") return (point) => data.brands[data.brandOf[data.product[point]]] || texts.noBrand;
    if (by === "first") return (point) => [texts.alone, texts.wrong, texts.right][data.first[point] + 1];
    if (by === "stock") return (point) => (stocked.has(data.id[data.product[point]]) ? texts.inStock : texts.outOfStock);
    return (point) => path(point).split("/", 1)[0];
  }

  // Groups by falling size; `of` gives each point's place among them.
  function group(data, by, texts, stocked) {
    const member = memberOf(data, by, texts, stocked);
    const counts = new Map();
    const names = new Array(data.count);
    for (let point = 0; point < data.count; point += 1) {
      names[point] = member(point);
      counts.set(names[point], (counts.get(names[point]) || 0) + 1);
    }
    const rows = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
    const at = new Map(rows.map(([name], place) => [name, place]));
    const of = new Uint16Array(data.count);
    for (let point = 0; point < data.count; point += 1) of[point] = at.get(names[point]);
    const fixed = { [texts.right]: 0, [texts.wrong]: 1, [texts.inStock]: 0, [texts.outOfStock]: 1 };
    const groups = rows.map(([name, count], place) => ({
      name,
      count,
      shown: true,
      colour: () => {
        const palette = dark() ? DARK : LIGHT;
        if (by === "first" || by === "stock") return name in fixed ? palette[fixed[name]] : quiet();
        return place < palette.length ? palette[place] : quiet();
      },
    }));
    return { groups, of };
  }

  // Products whose SKU or name holds all the words; those that begin with the text come first.
  function find(data, text, most) {
    const wanted = text.trim().toLowerCase();
    if (!wanted) return [];
    const words = wanted.split(/\s+/);
    const found = [];
    for (let product = 0; product < data.id.length; product += 1) {
      const sku = data.sku[product].toLowerCase();
      const name = data.name[product].toLowerCase();
      if (!words.every((word) => sku.includes(word) || name.includes(word))) continue;
      let rank = 3;
      if (sku === wanted) rank = 0;
      else if (name.startsWith(wanted)) rank = 1;
      else if (sku.startsWith(wanted)) rank = 2;
      found.push([rank, product]);
    }
    found.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    return found.slice(0, most).map(([, product]) => product);
  }

  return { decode, find, group, quiet };
})();
