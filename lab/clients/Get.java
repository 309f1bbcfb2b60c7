import java.net.HttpURLConnection;
import java.net.URI;

/** Asks for a page: Get URL. */
public class Get {
  public static void main(String[] arguments) throws Exception {
    System.out.println(((HttpURLConnection) URI.create(arguments[0]).toURL().openConnection()).getResponseCode());
  }
}
