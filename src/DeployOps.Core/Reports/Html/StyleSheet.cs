using System.Text;

namespace DeployOps.Reports.Html;

/// <summary>How the page looks: light and dark, wide and narrow, on a screen and on paper. The only part that is written as it is.</summary>
internal sealed class StyleSheet : HtmlNode
{
    private const string Colours = """
        :root{--paper:#fff;--panel:#f6f7f9;--ink:#1b1f24;--soft:#59636e;--rule:#d5dae0;--good:#136c34;--good-bg:#dbf3e2;--warn:#7a4a00;--warn-bg:#fdeecb;--amber:#dc9f24;--bad:#a4161f;--bad-bg:#fde0df;--plain:#3c4753;--plain-bg:#e5e9ee;--line:#1b5fc1;--base:#6a737d}
        @media (prefers-color-scheme:dark){:root{--paper:#14171b;--panel:#1c2127;--ink:#e6e9ed;--soft:#a0abb6;--rule:#343c45;--good:#7fdc9e;--good-bg:#173a24;--warn:#f2c675;--warn-bg:#3e2f10;--amber:#f2c675;--bad:#ff9b96;--bad-bg:#4a1c1e;--plain:#c3ccd6;--plain-bg:#2d353e;--line:#79b0ff;--base:#98a3ae}}
        """;

    private const string Text = """
        *{box-sizing:border-box}
        html{-webkit-text-size-adjust:100%;print-color-adjust:exact;-webkit-print-color-adjust:exact}
        body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
        main,footer{max-width:70rem;margin:0 auto;padding:0 1.25rem}
        h1{margin:.1em 0;font-size:1.9rem;line-height:1.2;overflow-wrap:anywhere}
        h2{margin:2.5rem 0 .75rem;padding-bottom:.25rem;border-bottom:1px solid var(--rule);font-size:1.3rem}
        p,dd,td,th,figcaption,summary,caption,footer{overflow-wrap:anywhere}
        .lead{margin:.25rem 0 1rem;font-size:1.15rem}
        .story{max-width:48rem;font-size:1.05rem}
        code{font:.86em ui-monospace,"Cascadia Mono",Consolas,"DejaVu Sans Mono",monospace;overflow-wrap:anywhere}
        .hash code{padding:.25rem .5rem;border-radius:.25rem;background:var(--panel)}
        nav{display:flex;flex-wrap:wrap;gap:.3rem 1.1rem;margin-top:1rem;font-size:.95rem}
        nav a{color:var(--line)}
        footer{margin-top:3rem;padding-top:.75rem;padding-bottom:2rem;color:var(--soft);font-size:.85rem}
        .top{margin-top:1.25rem;padding:1rem 1.25rem;border-left:.5rem solid var(--plain);border-radius:.35rem;background:var(--panel)}
        .top.good{border-color:var(--good)}.top.warn{border-color:var(--amber)}.top.bad{border-color:var(--bad)}
        .verdict{margin:0 0 .5rem}
        .verdict .badge{padding:.2rem .7rem;font-size:1.05rem}
        .facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(14rem,1fr));gap:.6rem 1.5rem;margin:0}
        .facts dt{color:var(--soft);font-size:.8rem}
        .facts dd{margin:0}
        .badge{display:inline-block;padding:.05rem .45rem;border-radius:.3rem;font-size:.85rem;font-weight:600;white-space:nowrap;color:var(--plain);background:var(--plain-bg)}
        .badge.good{color:var(--good);background:var(--good-bg)}.badge.warn{color:var(--warn);background:var(--warn-bg)}.badge.bad{color:var(--bad);background:var(--bad-bg)}
        """;

    private const string Tables = """
        table{width:100%;margin:1rem 0 1.5rem;border-collapse:collapse;font-size:.92rem;font-variant-numeric:tabular-nums}
        caption{padding:.25rem 0;text-align:left;font-weight:600}
        th,td{padding:.35rem .6rem;border-bottom:1px solid var(--rule);text-align:left;vertical-align:top;white-space:pre-wrap}
        thead th{color:var(--soft);font-size:.8rem;font-weight:600;white-space:normal;overflow-wrap:normal}
        tbody th{font-weight:600}
        td time,.whole{white-space:nowrap}
        details{margin:1rem 0}
        summary{cursor:pointer;font-weight:600}
        .log table{font-size:.82rem}
        .log tbody th{font-weight:400;color:var(--soft)}
        """;

    private const string Pictures = """
        figure{margin:0}
        figcaption{margin-bottom:.5rem;color:var(--soft);font-size:.9rem}
        figcaption b{color:var(--ink)}
        .chart{margin:0 0 1.25rem;padding:.5rem .75rem;border:1px solid var(--rule);border-radius:.35rem}
        .row{display:grid;grid-template-columns:7rem 1fr;align-items:center}
        .name{font-size:.9rem}
        .track{position:relative;height:1.9rem;border-left:1px solid var(--rule);border-right:1px solid var(--rule)}
        .axis .track,.marks .track{height:1.4rem;border-color:transparent}
        .tick,.label{position:absolute;font-size:.75rem;color:var(--soft);white-space:nowrap;font-variant-numeric:tabular-nums}
        .tick.middle,.label.middle{transform:translateX(-50%)}
        .bar{position:absolute;top:.3rem;height:1.3rem;min-width:3px;border-radius:.2rem;background:var(--plain);border:1px solid var(--plain)}
        .bar.good{background:var(--good);border-color:var(--good)}.bar.warn{background:var(--amber);border-color:var(--amber)}.bar.bad{background:var(--bad);border-color:var(--bad)}
        .bar.planned{background:var(--plain-bg);border-color:var(--rule)}
        .bar span{position:absolute;top:0;padding:0 .4rem;font-size:.78rem;line-height:1.2rem;white-space:nowrap;background:transparent}
        .bar .after{left:100%}.bar .before{right:100%}.bar .inside{right:0;color:var(--paper)}.bar.planned .inside,.bar.planned .after{right:auto;left:0;color:var(--ink)}.bar.warn .inside{color:#1b1f24}
        .mark{position:absolute;top:0;bottom:0;width:0;border-left:2px dashed var(--line)}
        .mark.back{border-color:var(--amber)}
        .label.cutover{color:var(--line);font-weight:600}.label.back{color:var(--warn);font-weight:600}
        .charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,20rem),1fr));gap:1rem}
        .metric{padding:.6rem .75rem;border:1px solid var(--rule);border-radius:.35rem}
        svg{display:block;width:100%;height:auto}
        svg path{fill:none}
        svg text{fill:var(--soft);font-size:11px}
        .line{stroke:var(--line);stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
        .last{fill:var(--line)}
        path.axis{stroke:var(--rule)}
        .baseline{stroke:var(--base);stroke-width:1.5;stroke-dasharray:2 4}
        .limit{stroke:var(--bad);stroke-width:1.5;stroke-dasharray:7 4}
        path.cutover{stroke:var(--line);stroke-width:1.5;stroke-dasharray:4 3}
        .legend{display:flex;flex-wrap:wrap;gap:.1rem 1rem;margin:.2rem 0 0;color:var(--soft);font-size:.82rem}
        .key::before{content:"";display:inline-block;width:1.2rem;margin-right:.4rem;vertical-align:middle;border-top:2px solid var(--line)}
        .key.baseline::before{border-top:2px dotted var(--base)}
        .key.limit::before{border-top:2px dashed var(--bad)}
        """;

    private const string Narrow = """
        @media (max-width:44rem){
        main,footer{padding:0 .75rem}
        h1{font-size:1.5rem}
        .facts{grid-template-columns:repeat(auto-fill,minmax(8.5rem,1fr));gap:.5rem 1rem}
        .top{padding:.75rem}
        .row{grid-template-columns:1fr}
        .name:empty{display:none}
        .name{margin-top:.35rem;font-size:.82rem}
        .track{height:1.5rem}.bar{top:.1rem}
        .t1,.t3{display:none}
        table,tbody,tr,th,td{display:block;width:100%}
        caption{display:block}
        thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
        tbody tr{margin-bottom:.6rem;padding:.35rem .6rem;border:1px solid var(--rule);border-radius:.35rem}
        tbody th,tbody td{padding:.1rem 0;border:0}
        tbody td:empty,tbody th:empty{display:none}
        tbody td{display:grid;grid-template-columns:6.5rem minmax(0,1fr);gap:.5rem}
        tbody td::before{content:attr(data-label);color:var(--soft);font-size:.8rem;white-space:normal;overflow-wrap:break-word}
        tbody td>*{justify-self:start}
        }
        """;

    private const string Paper = """
        @media print{
        :root{--paper:#fff;--panel:#f6f7f9;--ink:#000;--soft:#444;--rule:#bbb;--good:#136c34;--good-bg:#dbf3e2;--warn:#7a4a00;--warn-bg:#fdeecb;--amber:#dc9f24;--bad:#a4161f;--bad-bg:#fde0df;--plain:#3c4753;--plain-bg:#e5e9ee;--line:#1b5fc1;--base:#6a737d}
        @page{margin:15mm}
        body{font-size:10pt}
        main,footer{max-width:none;padding:0}
        nav,details{display:none}
        h2,caption,figcaption,thead{break-after:avoid}
        tbody tr:first-child{break-before:avoid}
        footer{margin-top:1rem;padding-bottom:0}
        h2{margin-top:1.5rem}
        .facts{grid-template-columns:repeat(3,1fr)}
        tr,.metric,.facts div,.chart{break-inside:avoid}
        thead{display:table-header-group}
        }
        """;

    private StyleSheet()
    {
    }

    /// <summary>The one style sheet.</summary>
    internal static StyleSheet Instance { get; } = new();

    internal override HtmlNode WithTexts(Func<string, string> change) => this;

    internal override void Write(StringBuilder page) => page
        .Append("<style>\n").AppendJoin('\n', Colours, Text, Tables, Pictures, Narrow, Paper).Append("\n</style>\n");
}
