/** The library that the page holds in a script before ours, and its types. */
declare const uPlot: typeof import('uplot').default;
declare const echarts: typeof import('echarts');
declare type Plot = import('uplot').default;
declare type PlotAxis = import('uplot').default.Axis;
declare type PlotData = import('uplot').default.AlignedData;

/** The charts of the page, for scripts behind charts.js. */
declare var pageCharts: Map<string, DrawnChart>;
