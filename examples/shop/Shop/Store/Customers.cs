using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Shop.Store;

/// <summary>The customers and their session cookies, which every instance understands because the key lies in the shared database.</summary>
internal sealed class Customers(ShopDatabase database)
{
    /// <summary>Finds a customer's number by name; null where there is none.</summary>
    public long? Find(string name)
    {
        using var connection = database.Open();
        using var command = ShopDatabase.Command(connection, "SELECT id FROM customers WHERE name = @name", ("@name", name));
        return command.ExecuteScalar() as long?;
    }

    /// <summary>Makes the cookie that proves a login: the customer's number and its HMAC-SHA-256.</summary>
    public string IssueCookie(long customer) => $"{customer}.{Convert.ToHexStringLower(Sign(customer))}";

    /// <summary>Reads a cookie back; null where it is missing or not ours.</summary>
    public long? ReadCookie(string? cookie)
    {
        if (cookie?.Split('.') is not [var number, var proof]
            || !long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var customer))
        {
            return null;
        }

        var expected = Convert.ToHexStringLower(Sign(customer));
        return CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(expected), Encoding.ASCII.GetBytes(proof)) ? customer : null;
    }

    private byte[] Sign(long customer)
    {
        using var connection = database.Open();
        using var command = ShopDatabase.Command(connection, "SELECT value FROM settings WHERE name = 'session_key'");
        var key = Convert.FromHexString((string)command.ExecuteScalar()!);
        return HMACSHA256.HashData(key, BitConverter.GetBytes(customer));
    }
}
