/** The library that an earlier script of the page defines, with its types. */
declare const uPlot: typeof import('uplot').default;
declare const echarts: typeof import('echarts');
declare type Plot = import('uplot').default;
declare type PlotAxis = import('uplot').default.Axis;
declare type PlotData = import('uplot').default.AlignedData;

/** The charts of the page, for scripts after charts.js. */
declare var pageCharts: Map<string, DrawnChart>;
