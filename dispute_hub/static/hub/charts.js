// Draws every [data-hub-chart] from its application/json script. Options come from the server as plain
// data; tooltips are drawn on the canvas (richText), so a name can never become markup.
(() => {
  "use strict";

  const css = (name) => getComputedStyle(document.body).getPropertyValue(name).trim();

  const house = () => {
    const ink = css("--hub-ink-soft");
    const line = css("--hub-line");
    const rule = { lineStyle: { color: line } };
    const axis = { axisLine: rule, axisLabel: { color: ink }, splitLine: rule };
    return {
      color: [css("--hub-chrome"), "#7f93ab", "#4b5d73", "#a9bcd3", "#2c3b4d"],
      textStyle: { fontFamily: css("--tblr-font-sans-serif"), color: ink },
      title: { textStyle: { color: css("--hub-ink") } },
      legend: { textStyle: { color: ink } },
      categoryAxis: axis,
      valueAxis: axis,
    };
  };

  const RISK = { red: "--hub-red", orange: "--hub-orange", yellow: "--hub-yellow", blue: "--hub-blue" };

  // China keeps one offset and no summer time; ECharts knows only the browser's zone or UTC. Instants on a
  // time axis are moved by the offset and labelled as UTC, so every browser reads Beijing time.
  const BEIJING = 8 * 3600 * 1000;

  const inBeijing = (option) => {
    if (option.xAxis?.type !== "time") return;
    option.useUTC = true;
    const moved = ([at, ...rest]) => [Date.parse(at) + BEIJING, ...rest];
    (option.series || []).forEach((series) => {
      series.data = series.data.map((one) => (
        Array.isArray(one) ? moved(one) : { ...one, value: moved(one.value) }
      ));
    });
  };

  const draw = (element) => {
    const source = document.getElementById(element.dataset.hubChart);
    if (!source || element.dataset.hubDrawn) return;
    const option = JSON.parse(source.textContent);
    element.dataset.hubDrawn = "1";
    (option.series || []).forEach((series) => {
      if (RISK[series.risk]) series.itemStyle = { ...series.itemStyle, color: css(RISK[series.risk]) };
    });
    inBeijing(option);
    option.tooltip = { confine: true, ...option.tooltip, renderMode: "richText" };
    option.aria = { enabled: true, ...option.aria };
    option.animation = false;
    option.grid = option.grid || { left: 8, right: 12, top: 36, bottom: 8, containLabel: true };
    const chart = window.echarts.init(element, house());
    chart.setOption(option);
    const urls = option.urls || {};
    chart.on("click", (event) => { if (urls[event.name]) location.assign(urls[event.name]); });
    new ResizeObserver(() => chart.resize()).observe(element);
  };

  const drawAll = () => document.querySelectorAll("[data-hub-chart]").forEach(draw);

  document.addEventListener("DOMContentLoaded", () => {
    drawAll();
    document.body.addEventListener("htmx:afterSettle", drawAll);
  });
})();
