namespace DeployOps.Tests.Commands;

/// <summary>What is asked of every cmdlet.</summary>
internal static class Cells
{
    public const string ByValue = "takes its subject by value";
    public const string ByProperty = "takes its subject by property name";
    public const string WhatIf = "-WhatIf changes nothing and emits what is planned";
    public const string WhatIfOpen = "-WhatIf on an open window changes nothing and emits what is planned";
    public const string ConfirmDenied = "a denied confirmation changes nothing";
    public const string ConfirmPlanned = "asks nobody about a window that was only planned";
    public const string OnlyPlanned = "refuses a window that was only planned";
    public const string Null = "refuses null";
    public const string MissingFile = "names a file that is not there";
    public const string ErrorActionStop = "keeps its error id under -ErrorAction Stop";
    public const string UnknownWindow = "names a window that is not there";
    public const string Stop = "Stop leaves no worker";
    public const string DownstreamThrows = "passes a downstream failure on and leaves no worker";
    public const string DownstreamBreaks = "a downstream break leaves no worker";
    public const string DownstreamHasEnough = "a downstream that has enough leaves no worker";
    public const string Completion = "completes";
    public const string Table = "prints a table of five columns or fewer";
}
