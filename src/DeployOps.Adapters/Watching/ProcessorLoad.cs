using System.Globalization;

namespace DeployOps.Adapters.Watching;

/// <summary>How busy a machine's processors are, from the first line of its <c>/proc/stat</c>: proc(5).</summary>
internal sealed class ProcessorLoad
{
    private const int Idle = 3;
    private const int WaitsForDisk = 4;

    // Ten looks of half a second: an average over longer, as from the script before, tells nothing of now.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);
    private readonly TimeProvider time;
    private (long Busy, long All) before;
    private long at;

    /// <summary>Begins to measure this machine.</summary>
    internal ProcessorLoad(TimeProvider? time = null)
        : this(Here(), time)
    {
    }

    /// <summary>Begins to measure a machine.</summary>
    /// <param name="line">What its file begins with now.</param>
    /// <param name="time">The clock. Default: the system's.</param>
    internal ProcessorLoad(string line, TimeProvider? time = null)
    {
        this.time = time ?? TimeProvider.System;
        (before, at) = (Ticks(line), this.time.GetTimestamp());
    }

    /// <summary>How busy this machine's were since this was asked last, 0 to 1; null where no time has passed, or so much that an average over it tells nothing of now.</summary>
    internal double? Next() => Next(Here());

    /// <summary>How busy a machine's were since this was asked last, 0 to 1; null where no time has passed, or so much that an average over it tells nothing of now.</summary>
    /// <param name="line">What its file begins with now.</param>
    internal double? Next(string line)
    {
        var now = Ticks(line);
        var all = now.All - before.All;
        var busy = all > 0 ? Math.Clamp((double)(now.Busy - before.Busy) / all, 0, 1) : (double?)null;
        var isOld = time.GetElapsedTime(at) > Longest;
        (before, at) = (now, time.GetTimestamp());
        return isOld ? null : busy;
    }

    // "cpu  user nice system idle iowait irq softirq steal …", in ticks since the machine started.
    private static (long Busy, long All) Ticks(string line)
    {
        var ticks = line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Take(8).Select(word => long.Parse(word, CultureInfo.InvariantCulture)).ToArray();
        var all = ticks.Sum();
        return (all - ticks[Idle] - ticks[WaitsForDisk], all);
    }

    private static string Here() => File.ReadLines("/proc/stat").First();
}
