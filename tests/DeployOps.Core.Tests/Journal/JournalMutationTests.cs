using CsCheck;
using DeployOps.Core.Tests.Support;
using DeployOps.Journal;
using DeployOps.Tests.Shared;

namespace DeployOps.Core.Tests.Journal;

public sealed class JournalMutationTests : IDisposable
{
    private const int Records = 8;

    private readonly JournalFolder folder = new();

    [Fact]
    public async Task However_a_journal_is_changed_what_is_read_of_it_is_a_beginning_of_what_was_written()
    {
        var whole = await folder.FillAsync(Records);
        var written = new JournalReader();
        written.Read(whole);
        var hashes = written.Records.Select(record => record.Hash).ToArray();
        var (intact, torn, refused) = (0, 0, 0);

        Property.Holds(Mutation(whole.Length).Array[1, 4], mutations =>
        {
            var bytes = mutations.Aggregate(whole, (current, mutate) => mutate(current));
            var reader = new JournalReader();
            var tail = reader.Read(bytes);

            _ = reader.Fault is not null ? refused++ : tail.Length > 0 ? torn++ : intact++;
            return reader.Records.Select(record => record.Hash).SequenceEqual(hashes.Take(reader.Records.Count))
                && (reader.Fault is null || reader.Fault.Line == reader.Records.Count + 1)
                && (reader.Fault is not null || tail.Length == bytes.Length - reader.Position);
        });

        intact.ShouldBeGreaterThan(0, "a cut between two records is no change that can be seen");
        torn.ShouldBeGreaterThan(100);
        refused.ShouldBeGreaterThan(1000);
    }

    public void Dispose() => folder.Dispose();

    private static Gen<Func<byte[], byte[]>> Mutation(int length)
    {
        var place = Gen.Int[0, length];
        return Gen.OneOf<Func<byte[], byte[]>>(
            Gen.Select(place, Gen.Byte, (at, value) => new Func<byte[], byte[]>(bytes => [.. bytes.Take(at), value, .. bytes.Skip(at + 1)])),
            Gen.Select(place, Gen.Byte.Array[1, 40], (at, values) => new Func<byte[], byte[]>(bytes => [.. bytes.Take(at), .. values, .. bytes.Skip(at)])),
            Gen.Select(place, Gen.Int[1, 600], (at, count) => new Func<byte[], byte[]>(bytes => [.. bytes.Take(at), .. bytes.Skip(at + count)])),
            Gen.Select(place, place, Gen.Int[1, 600], (from, to, count) => new Func<byte[], byte[]>(bytes => [.. bytes.Take(to), .. bytes.Skip(from).Take(count), .. bytes.Skip(to)])),
            Gen.Select(place, Gen.Int[0, 1024], (at, zeros) => new Func<byte[], byte[]>(bytes => [.. bytes.Take(at), .. new byte[zeros]])),
            Gen.Select(Gen.Int[0, Records - 1], Gen.Int[0, Records - 1], (one, other) => new Func<byte[], byte[]>(bytes => Swap(bytes, one, other))));
    }

    private static byte[] Swap(byte[] bytes, int one, int other)
    {
        var lines = System.Text.Encoding.Latin1.GetString(bytes).Split('\n');
        if (one < lines.Length && other < lines.Length)
        {
            (lines[one], lines[other]) = (lines[other], lines[one]);
        }

        return System.Text.Encoding.Latin1.GetBytes(string.Join('\n', lines));
    }
}
